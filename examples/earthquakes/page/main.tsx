import { createPageClient } from '../../../src/page/live-client.tsx';
import { mount } from '../../../src/page/mount.tsx';
import { EarthquakesPage } from './earthquakes-page.tsx';

mount(<EarthquakesPage />, createPageClient());
