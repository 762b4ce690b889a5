/**
 * Solves `matrix * x = right` in the least-squares sense by Householder reflections (Golub and Van Loan, "Matrix
 * Computations", 5.3.2). `matrix` is row-major, `rows x columns` with `rows >= columns`; both inputs are overwritten.
 * Null if the columns are dependent (a diagonal element below `1e-12` of the largest).
 */
export function solveLeastSquares(matrix: Float64Array, right: Float64Array, columns: number): Float64Array | null {
  const rows = right.length;
  const at = (row: number, column: number): number => matrix[row * columns + column]!;
  const diagonal = new Float64Array(columns);
  for (let k = 0; k < columns; k++) {
    let norm = 0;
    for (let row = k; row < rows; row++) norm = Math.hypot(norm, at(row, k));
    if (norm === 0) return null;
    diagonal[k] = at(k, k) > 0 ? -norm : norm;
    // The reflection's vector takes the column's place; its first element never cancels.
    matrix[k * columns + k]! -= diagonal[k]!;
    const scale = -diagonal[k]! * at(k, k);
    const reflect = (target: Float64Array, offset: number, stride: number): void => {
      let dot = 0;
      for (let row = k; row < rows; row++) dot += at(row, k) * target[offset + row * stride]!;
      for (let row = k; row < rows; row++) target[offset + row * stride]! -= (dot / scale) * at(row, k);
    };
    for (let column = k + 1; column < columns; column++) reflect(matrix, column, columns);
    reflect(right, 0, 1);
  }
  const largest = Math.max(...diagonal.map(Math.abs));
  if (diagonal.some((value) => !(Math.abs(value) > 1e-12 * largest))) return null;
  const solution = new Float64Array(columns);
  for (let k = columns - 1; k >= 0; k--) {
    let value = right[k]!;
    for (let column = k + 1; column < columns; column++) value -= at(k, column) * solution[column]!;
    solution[k] = value / diagonal[k]!;
  }
  return solution;
}
