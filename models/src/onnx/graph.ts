import type { Attribute, Graph, Node, Tensor } from './schema.js';

export function attributeOf(node: Node, name: string): Attribute | undefined {
  return node.attribute.find((attribute) => attribute.name === name);
}

/** Lookups over one graph; build it again after the graph has changed. */
export class GraphIndex {
  readonly #producers = new Map<string, Node>();
  readonly #initializers = new Map<string, Tensor>();

  constructor(graph: Graph) {
    for (const node of graph.node) for (const output of node.output) this.#producers.set(output, node);
    for (const tensor of graph.initializer) this.#initializers.set(tensor.name, tensor);
  }

  producer(value: string): Node | undefined {
    return this.#producers.get(value);
  }

  initializer(value: string | undefined): Tensor | undefined {
    return value ? this.#initializers.get(value) : undefined;
  }
}

/** Turns `Constant` nodes into initializers, so that weights and shapes are found in one place. */
export function hoistConstants(graph: Graph): void {
  graph.node = graph.node.filter((node) => {
    const value = node.opType === 'Constant' ? attributeOf(node, 'value')?.t : undefined;
    if (!value) return true;
    value.name = node.output[0]!;
    graph.initializer.push(value);
    return false;
  });
}

/** Removes what the graph's outputs do not need, and sorts nodes so that each stands after what it reads. */
export function prune(graph: Graph): void {
  const index = new GraphIndex(graph);
  const nodes = new Set<Node>();
  const values = new Set<string>();
  // Depth first without recursion: exports are deep chains.
  const stack: { node: Node; next: number }[] = [];
  const enter = (value: string) => {
    values.add(value);
    const node = index.producer(value);
    if (node && !nodes.has(node) && !stack.some((open) => open.node === node)) stack.push({ node, next: 0 });
  };
  for (const output of graph.output) {
    enter(output.name);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const input = top.node.input[top.next++];
      if (input !== undefined) {
        if (input) enter(input);
        continue;
      }
      nodes.add(top.node);
      stack.pop();
    }
  }
  graph.node = [...nodes];
  graph.initializer = graph.initializer.filter((tensor) => values.has(tensor.name));
  graph.input = graph.input.filter((input) => values.has(input.name));
}
