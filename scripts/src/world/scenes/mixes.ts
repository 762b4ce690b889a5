/** Who drives where. */
import type { Mix } from '../vehicles/choice.js';

export const MOTORWAY_SLOW: Mix = { car: 5, van: 1.2, truck: 3.4, bus: 0.5, motorcycle: 0.2 };
export const MOTORWAY_FAST: Mix = { car: 9, van: 1, truck: 0, bus: 0.2, motorcycle: 0.5 };
export const URBAN: Mix = { car: 8, van: 1.6, truck: 0.9, bus: 1, motorcycle: 0.9 };
export const RESIDENTIAL: Mix = { car: 8, van: 1.6, truck: 0.25, bus: 0, motorcycle: 0.9 };
