import { mount } from 'svelte';
import './app.css';
import './buttons.css';
import App from './App.svelte';
import { offerMeasurement } from './meter/measurement-hook.js';
import { takeToken } from './state/access.js';
import { session } from './state/session.svelte.js';
import { theme } from './state/theme.svelte.js';

await takeToken();
if (new URLSearchParams(location.search).has('measure')) offerMeasurement();
theme.start();
session.keep();
mount(App, { target: document.getElementById('app')! });
