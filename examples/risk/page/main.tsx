import { createPageClient } from '../../../src/page/live-client.tsx';
import { mount } from '../../../src/page/mount.tsx';
import { RiskPage } from './risk-page.tsx';

mount(<RiskPage />, createPageClient());
