import { mount } from '../../support/page/live-page.tsx';
import { ChartsPage } from './charts-page.tsx';

mount(<ChartsPage />);
