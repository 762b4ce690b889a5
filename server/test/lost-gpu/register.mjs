// For NODE_OPTIONS: worker threads get the hooks as well.
import { register } from 'node:module';

register('./hooks.mjs', import.meta.url);
