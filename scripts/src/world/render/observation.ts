/** What the camera truly sees of a vehicle in one picture. */
export interface Observation {
  id: number;
  /** Extent of what is visible, in pixels: x, y, width, height. */
  box: [number, number, number, number];
  /** Extent of the whole silhouette, clipped to the picture. */
  silhouette: [number, number, number, number];
  /** Share of the silhouette (inside the picture) that something nearer hides, 0..1. */
  occlusion: number;
  /** Share of the whole box that lies outside the picture, 0..1. */
  truncation: number;
}
