/** The middle of some numbers. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * The median of the ratios taken within each round: what the machine does to all servers of a round falls out.
 * @param rounds for each round, a Map from server to its measurement
 */
export function medianRatio(rounds, server, reference, metric) {
  const ratios = rounds
    .filter((round) => round.get(server) !== undefined && round.get(reference) !== undefined)
    .map((round) => round.get(server)[metric] / round.get(reference)[metric]);
  if (ratios.length === 0) return undefined;
  return { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) };
}
