import { mount } from '../../support/page/live-page.tsx';
import { RiskPage } from './risk-page.tsx';

mount(<RiskPage />);
