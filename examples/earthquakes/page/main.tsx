import { mount } from '../../support/page/live-page.tsx';
import { EarthquakesPage } from './earthquakes-page.tsx';

mount(<EarthquakesPage />);
