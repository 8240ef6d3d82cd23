import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// `headgate dev --start vite` says where its gateway is. The page and its data have one address: there is no origin to allow.
const proxy = { '/graphql': { target: process.env['GATEWAY_URL'] ?? 'http://127.0.0.1:4000', ws: true } };

export default defineConfig({
  root: 'page',
  plugins: [react()],
  server: { proxy },
  preview: { proxy },
  build: { outDir: '../dist/page', emptyOutDir: true },
});
