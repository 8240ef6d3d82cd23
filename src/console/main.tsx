import { createPageClient } from '../page/live-client.tsx';
import { mount } from '../page/mount.tsx';
import '../page/theme.css';
import { ConsolePage } from './console-page.tsx';
import { storedCredentials } from './credentials.ts';
import './console.css';
import './rows.css';
import './fonts.css';

mount(
  <ConsolePage />,
  createPageClient(() => ({ ...storedCredentials() })),
);
