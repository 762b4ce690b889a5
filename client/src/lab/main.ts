import '../app.css';
import { offerDetection } from './measurement-hook.js';

if (new URLSearchParams(location.search).has('measure')) offerDetection();
