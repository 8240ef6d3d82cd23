import { createPageClient } from '../page/live-client.tsx';
import { mount } from '../page/mount.tsx';
import '../page/theme.css';
import { ConsolePage } from './console-page.tsx';
import { storedCredentials } from './credentials.ts';
import './fonts.css';
import './console.css';
import './lists.css';
import './rows.css';

mount(
  <ConsolePage />,
  createPageClient(() => ({ ...storedCredentials() })),
);
