import { createPageClient } from '../../../src/page/live-client.tsx';
import { mount } from '../../../src/page/mount.tsx';
import { ChartsPage } from './charts-page.tsx';

mount(<ChartsPage />, createPageClient());
