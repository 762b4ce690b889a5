/** Colours by class: bright, well apart in hue, light enough for tarmac, dark enough against a pale sky. */
const COLOURS: Readonly<Record<string, string>> = {
  car: '#4cc9ff',
  truck: '#ffb224',
  bus: '#c792ff',
  motorcycle: '#ff7ab0',
};
const OTHER = '#6fe3a5';

export function classColour(className: string): string {
  return COLOURS[className] ?? OTHER;
}
