/** A model that can be fetched. */
export interface CatalogueEntry {
  name: string;
  url: string;
  /** Of the whole file, lower-case hex. */
  sha256: string;
  minBytes: number;
  /** Shown before anything is fetched. */
  notice: string;
}

/**
 * YOLOv8n as a stock 640x640 ONNX export. The file is a third party's export of the original weights, pinned by its
 * hash; whoever serves another one is refused.
 */
export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    name: 'yolov8n',
    url: 'https://huggingface.co/Kalray/yolov8/resolve/main/yolov8n.onnx',
    sha256: '65158dad735be799c2466fa15e260c09558080bd530b42a8d0c3d1b419afd8b5',
    minBytes: 10_000_000,
    notice:
      'YOLOv8n by Ultralytics is licensed under AGPL-3.0 (https://ultralytics.com/license). It is not part of Lanecast; ' +
      'whoever offers a service with it, or passes it on, must keep to that licence or hold a commercial one.',
  },
];
