/** Vehicles strewn over a world's lanes at random: traffic for a single picture, without a simulation. */
import type { World } from '../scenes/world.js';
import { modelNamed } from '../vehicles/catalogue.js';
import { chooseLivery, chooseModel, type Mix } from '../vehicles/choice.js';
import { posesAt, posesOnPath, type PlacedVehicle } from '../vehicles/placed.js';
import { touching } from './overlap.js';

/** `density` 1 is the scene's usual traffic. Rare classes come more often than on a road, so that they are learnt. */
export function snapshot(world: World, random: () => number, density: number): PlacedVehicle[] {
  const vehicles = parkedVehicles(world, random);
  const add = (vehicle: PlacedVehicle): void => {
    if (!vehicles.some((other) => touching(vehicle, other))) vehicles.push(vehicle);
  };
  for (const route of world.routes) {
    const usual = (route.speedKmh * 1000) / route.vehiclesPerHour / density;
    let at = usual * random() * 0.5;
    while (at < route.path.lengthM - 2) {
      const model = chooseModel(moreOfTheRare(route.mix), random, route.longestM);
      at += model.lengthM / 2;
      const stopped = random() < 0.1;
      add({
        id: vehicles.length,
        model,
        livery: chooseLivery(model, random),
        parts: posesOnPath(model, route.path, at).map((pose) => ({
          ...pose,
          headingRad: pose.headingRad + 0.02 * (random() - 0.5),
        })),
        speedKmh: stopped ? 0 : route.speedKmh,
        braking: stopped || random() < 0.15,
      });
      at += model.lengthM / 2 + 2 - usual * Math.log(1 - random() * 0.98) * (random() < 0.25 ? 0.25 : 1);
    }
  }
  return vehicles;
}

/** Those that stand at the kerb, with ids from `firstId`. */
export function parkedVehicles(world: World, random: () => number, firstId = 0): PlacedVehicle[] {
  return world.parked.map((parked, k) => {
    const model = modelNamed(parked.model);
    return {
      id: firstId + k,
      model,
      livery: chooseLivery(model, random),
      parts: posesAt(model, parked.pose),
      speedKmh: 0,
      braking: false,
    };
  });
}

function moreOfTheRare(mix: Mix): Mix {
  return { ...mix, bus: mix.bus * 2, motorcycle: mix.motorcycle * 3, truck: mix.truck * 1.4 };
}
