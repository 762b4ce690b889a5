import { apply2, inverse2, type Matrix2, multiply2, subtract2 } from '../core/matrix2.js';

/** A system of equations between points of the plane: its elements are 2x2 matrices. */
export interface BlockSystem {
  /** Square, rows of blocks. */
  matrix: Matrix2[][];
  right: (readonly [number, number])[];
}

export interface BlockSolution {
  /** One point an unknown. */
  unknowns: [number, number][];
  /** What is known of the last unknown by itself: the inverse of its covariance at unit variance (Schur complement). */
  information: Matrix2;
}

/** Gauss's elimination, in blocks, without pivoting (fit for normal equations); null if a pivot has no inverse. */
export function solveBlocks(system: BlockSystem): BlockSolution | null {
  const size = system.right.length;
  const matrix = system.matrix.map((row) => [...row]);
  const right = system.right.map(([x, y]): [number, number] => [x, y]);
  const inverses: Matrix2[] = [];
  for (let k = 0; k < size; k++) {
    const inverse = inverse2(matrix[k]![k]!);
    if (!inverse) return null;
    inverses.push(inverse);
    for (let i = k + 1; i < size; i++) {
      const factor = multiply2(matrix[i]![k]!, inverse);
      for (let j = k + 1; j < size; j++) {
        matrix[i]![j] = subtract2(matrix[i]![j]!, multiply2(factor, matrix[k]![j]!));
      }
      subtractFrom(right[i]!, apply2(factor, ...right[k]!));
    }
  }
  for (let k = size - 1; k >= 0; k--) {
    for (let j = k + 1; j < size; j++) subtractFrom(right[k]!, apply2(matrix[k]![j]!, ...right[j]!));
    right[k] = apply2(inverses[k]!, ...right[k]!);
  }
  return { unknowns: right, information: matrix[size - 1]![size - 1]! };
}

function subtractFrom(target: [number, number], [x, y]: readonly [number, number]): void {
  target[0] -= x;
  target[1] -= y;
}
