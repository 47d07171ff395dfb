import type { LatencySummary } from './latency-histogram.js';
import type { ReplayDifference, ReplayReport } from './replay-report.js';

/** A report as people read it. */
export function reportText(report: ReplayReport): string {
  const { connections, messages, recording, same, differing, differences, failures } = report;
  const lines = [
    `${connections.opened} connections, ${connections.failed} failed; ${messages.sent} messages sent, ${messages.unsent} not; ${messages.received} received`,
    `${same} the same, ${differing} otherwise`,
    `latency   ${latencyText(report.latencyMs)}`,
    `recorded  ${latencyText(report.recordedLatencyMs)}`,
  ];
  if (report.lateMs.p99 > 1) lines.push(`late      ${latencyText(report.lateMs)}`);
  if (recording.lostLines + recording.brokenLines > 0)
    lines.push(
      `the recording lacks ${recording.lostLines} lines, and ${recording.brokenLines} cannot be read`,
    );
  for (const failure of failures) lines.push(`failed: ${failure}`);
  for (const difference of differences) lines.push('', ...differenceLines(difference));
  if (differing > differences.length) lines.push('', `… and ${differing - differences.length} more`);
  return lines.join('\n');
}

function differenceLines({ kind, connection, event, id, at, paths }: ReplayDifference): string[] {
  const request = id === undefined ? '' : ` (id ${JSON.stringify(id)})`;
  const lines = [`${kind}: ${event}${request}, connection ${connection}, at ${at} ms`];
  for (const { path, ...values } of paths) {
    const place = path === '' ? '' : `${path} `;
    if ('expected' in values) lines.push(`  - ${place}${JSON.stringify(values.expected)}`);
    if ('actual' in values) lines.push(`  + ${place}${JSON.stringify(values.actual)}`);
  }
  return lines;
}

function latencyText({ count, p50, p90, p99, max }: LatencySummary): string {
  return count === 0 ? '-' : `p50 ${p50} ms, p90 ${p90} ms, p99 ${p99} ms, max ${max} ms`;
}
