/** The models of the world's vehicles. */
import type { Mesh } from '../geometry/mesh.js';
import type { Rgb } from '../render/materials.js';
import { carMesh, type CarShape } from './car-body.js';
import { COUPE, ESTATE, HATCHBACK, HIGH_VAN, MINIBUS, MPV, PICKUP, SALOON, SMALL, SUV, VAN } from './car-shapes.js';
import { boxTruckMesh, busMesh, tipperMesh, tractorMesh, trailerMesh } from './heavy.js';
import { MOTORCYCLE_LENGTH_M, motorcycleMesh } from './motorcycle.js';

/** Detector classes; vans are cars. The order is that of training labels. */
export const CLASSES = ['car', 'motorcycle', 'bus', 'truck'] as const;
export type VehicleClass = (typeof CLASSES)[number];

/** A rigid part; an articulated lorry has two. `centreM` is its middle, forward of the whole vehicle's middle. */
export interface VehiclePart {
  mesh: Mesh;
  centreM: number;
  /** Points that follow the lane, forward of the part's middle. */
  frontAxleM: number;
  rearAxleM: number;
}

export interface VehicleModel {
  name: string;
  class: VehicleClass;
  lengthM: number;
  widthM: number;
  heightM: number;
  parts: readonly VehiclePart[];
}

/** How a single vehicle looks. */
export interface Livery {
  paint: Rgb;
  second: Rgb;
  third: Rgb;
}

function car(name: string, shape: CarShape): VehicleModel {
  return {
    name,
    class: 'car',
    lengthM: shape.length,
    widthM: shape.width,
    heightM: shape.height,
    parts: [
      {
        mesh: carMesh(shape),
        centreM: 0,
        frontAxleM: shape.length / 2 - shape.frontAxleAt,
        rearAxleM: shape.length / 2 - shape.rearAxleAt,
      },
    ],
  };
}

function rigid(
  name: string,
  cls: VehicleClass,
  mesh: Mesh,
  size: readonly [number, number, number],
  axles: readonly [number, number],
): VehicleModel {
  const [lengthM, widthM, heightM] = size;
  return {
    name,
    class: cls,
    lengthM,
    widthM,
    heightM,
    parts: [{ mesh, centreM: 0, frontAxleM: axles[0], rearAxleM: axles[1] }],
  };
}

function articulated(name: string, trailerM: number, tank: boolean): VehicleModel {
  const tractor = tractorMesh();
  const lengthM = trailerM + 2.75;
  const tractorCentre = lengthM / 2 - tractor.length / 2;
  const trailerCentre = -lengthM / 2 + trailerM / 2;
  return {
    name,
    class: 'truck',
    lengthM,
    widthM: 2.55,
    heightM: tank ? 3.65 : 3.95,
    parts: [
      { mesh: tractor.mesh, centreM: tractorCentre, frontAxleM: 1.6, rearAxleM: -1.9 },
      // The kingpin rests on the tractor's rear axle.
      {
        mesh: trailerMesh(trailerM, tank),
        centreM: trailerCentre,
        frontAxleM: tractorCentre - 1.9 - trailerCentre,
        rearAxleM: -trailerM / 2 + 2.7,
      },
    ],
  };
}

export const MODELS: readonly VehicleModel[] = [
  car('saloon', SALOON),
  car('hatchback', HATCHBACK),
  car('small', SMALL),
  car('estate', ESTATE),
  car('suv', SUV),
  car('suv-large', {
    ...SUV,
    length: 4.95,
    height: 1.8,
    width: 1.96,
    glassEndAt: 4.05,
    roofRearAt: 4.5,
    deckAt: 4.85,
    rearAxleAt: 3.9,
  }),
  car('coupe', COUPE),
  car('mpv', MPV),
  car('pickup', PICKUP),
  car('van', VAN),
  car('minibus', MINIBUS),
  car('high-van', HIGH_VAN),
  rigid(
    'box-truck',
    'truck',
    boxTruckMesh({ length: 7.4, width: 2.45, height: 3.4, cabHeight: 2.7 }),
    [7.4, 2.5, 3.4],
    [2.45, -2.07],
  ),
  rigid(
    'long-box-truck',
    'truck',
    boxTruckMesh({ length: 9.4, width: 2.5, height: 3.75, cabHeight: 2.9 }),
    [9.4, 2.55, 3.75],
    [3.45, -2.63],
  ),
  rigid(
    'tipper',
    'truck',
    tipperMesh({ length: 8, width: 2.5, height: 2.5, cabHeight: 2.9 }),
    [8, 2.55, 2.9],
    [2.7, -2],
  ),
  articulated('articulated', 13.6, false),
  articulated('tanker', 12, true),
  rigid(
    'city-bus',
    'bus',
    busMesh({ length: 11.8, width: 2.55, height: 3.05, coach: false }),
    [11.8, 2.55, 3.1],
    [3.2, -2.7],
  ),
  rigid(
    'coach',
    'bus',
    busMesh({ length: 12.6, width: 2.55, height: 3.6, coach: true }),
    [12.6, 2.55, 3.65],
    [3.6, -2.9],
  ),
  rigid(
    'midi-bus',
    'bus',
    busMesh({ length: 8.6, width: 2.35, height: 2.9, coach: false }),
    [8.6, 2.35, 2.95],
    [1.6, -1.98],
  ),
  rigid(
    'motorcycle',
    'motorcycle',
    motorcycleMesh({ scooter: false, topCase: false }),
    [MOTORCYCLE_LENGTH_M, 0.8, 1.78],
    [0.73, -0.73],
  ),
  rigid(
    'tourer',
    'motorcycle',
    motorcycleMesh({ scooter: false, topCase: true }),
    [MOTORCYCLE_LENGTH_M, 0.8, 1.78],
    [0.73, -0.73],
  ),
  rigid(
    'scooter',
    'motorcycle',
    motorcycleMesh({ scooter: true, topCase: true }),
    [MOTORCYCLE_LENGTH_M, 0.8, 1.78],
    [0.8, -0.8],
  ),
];

export const modelNamed = (name: string): VehicleModel => MODELS.find((model) => model.name === name)!;
