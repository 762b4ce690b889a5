import { mount } from 'svelte';
import '../app.css';
import '../buttons.css';
import { takeToken } from '../state/access.js';
import { theme } from '../state/theme.svelte.js';
import Lab from './Lab.svelte';
import { offerDetection } from './measurement-hook.js';

await takeToken();
if (new URLSearchParams(location.search).has('measure')) offerDetection();
theme.start();
mount(Lab, { target: document.getElementById('app')! });
