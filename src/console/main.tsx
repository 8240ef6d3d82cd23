import { createPageClient } from '../page/live-client.tsx';
import { mount } from '../page/mount.tsx';
import '../page/theme.css';
import './fonts.css';

mount(<p>Console</p>, createPageClient());
