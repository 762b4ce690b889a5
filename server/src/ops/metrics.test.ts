import { describe, expect, it } from 'vitest';

import { metricsFixture as setUp, stream } from './testing/metrics-fixture.js';

describe('createMetrics', () => {
  it('reads streams, stages, outputs and the process when it is scraped', async () => {
    const text = await setUp().metrics.render();
    for (const line of [
      'lanecast_stream_state{stream="north",state="live"} 1',
      'lanecast_stream_state{stream="north",state="failed"} 0',
      'lanecast_stream_frames_decoded_total{stream="east"} 26',
      'lanecast_stream_rtp_packets_lost_total{stream="east"} 2',
      'lanecast_stream_drop_ratio{stream="east"} 0.2',
      'lanecast_stream_bitrate_bits_per_second{stream="east"} 2000000',
      '# TYPE lanecast_stage_latency_seconds summary',
      'lanecast_stage_latency_seconds{stage="infer",quantile="0.95"} 0.019',
      'lanecast_stage_latency_mean_seconds{stage="endToEnd"} 0.012',
      'lanecast_stage_latency_samples{stage="nms"} 0',
      'lanecast_mjpeg_pictures_sent_total 19',
      'lanecast_events_replaced_total 4',
      'lanecast_webrtc_viewers{kind="dashboard"} 1',
      'lanecast_webrtc_sessions{kind="whep"} 5',
      'lanecast_webrtc_peers 2',
      'lanecast_webrtc_bytes_sent_total 1000000',
      'lanecast_webrtc_tracks_dropped_total 2',
      'lanecast_webrtc_hold_seconds{stream="north"} 0.06',
      'lanecast_stream_carriage{stream="north",carriage="transcoded"} 1',
      'lanecast_stream_carriage{stream="east",carriage="transcoded"} 0',
      'lanecast_transcode_running{stream="north"} 1',
      'lanecast_transcode_seconds_total{stream="north"} 1.5',
      'lanecast_transcode_pictures_skipped_total{stream="north"} 3',
      'lanecast_event_loop_delay_p99_seconds 0.004',
      'lanecast_stream_tracks{stream="north"} 3',
      'lanecast_stream_tracks_total{stream="east"} 70',
      'lanecast_stream_reconnects_total{stream="east"} 0',
      'lanecast_alive 1',
      'lanecast_ready 0',
      'lanecast_stage_stalled_seconds{stage="detector"} 1.5',
      'lanecast_worker_restarts_total{worker="ingest"} 2',
      'lanecast_worker_restarts_total{worker="media"} 1',
      'lanecast_dropped_total{queue="detector",policy="newer replaces older"} 10',
      'lanecast_dropped_total{queue="tracks channel",policy="the newest"} 2',
      'lanecast_gpu_memory_used_bytes{gpu="0",name="H100"} 1073741824',
    ])
      expect(text).toContain(`${line}\n`);
    expect(text).not.toContain('lanecast_stage_latency_seconds{stage="nms"');
    expect(text).not.toContain('lanecast_detector_info{');
  });

  it('shows latencies as a histogram that can be added up', async () => {
    const text = await setUp().metrics.render();
    const lines = text
      .split('\n')
      .filter((line) => line.includes('stage_duration_seconds') && /stage="infer"/.test(line));
    expect(lines).toEqual([
      'lanecast_stage_duration_seconds_bucket{stage="infer",le="0.0005"} 1',
      'lanecast_stage_duration_seconds_bucket{stage="infer",le="0.001"} 1',
      'lanecast_stage_duration_seconds_bucket{stage="infer",le="0.002"} 1',
      ...['0.005', '0.01', '0.02', '0.05', '0.1', '0.2', '0.5', '1', '2', '5'].map(
        (le) => `lanecast_stage_duration_seconds_bucket{stage="infer",le="${le}"} 3`,
      ),
      'lanecast_stage_duration_seconds_bucket{stage="infer",le="+Inf"} 4',
      expect.stringMatching(/^lanecast_stage_duration_seconds_sum\{stage="infer"\} 6\.006[34]/),
      'lanecast_stage_duration_seconds_count{stage="infer"} 4',
    ]);
    expect(text).toContain('# TYPE lanecast_stage_duration_seconds histogram\n');
  });

  it('gives totals, not sums of scrapes, and forgets streams that are gone', async () => {
    const { metrics, set } = setUp();
    await metrics.render();
    set([stream('north', 40)]);
    const text = await metrics.render();
    expect(text).toContain('lanecast_stream_frames_decoded_total{stream="north"} 40\n');
    expect(text).not.toContain('lanecast_stream_state{stream="east"');
    expect(text).toContain('lanecast_mjpeg_pictures_sent_total 19\n');
  });

  it('names and explains every metric', async () => {
    const text = await setUp().metrics.render();
    const named = [...text.matchAll(/^([a-z0-9_]+)[ {]/gm)].map((match) => match[1]!);
    expect(named.length).toBeGreaterThan(60);
    for (const name of named) {
      expect(name).toMatch(/^lanecast_/);
      expect(text).toContain(`# HELP ${name.replace(/(duration_seconds)_(bucket|sum|count)$/, '$1')} `);
    }
  });

  it('can be made twice in one process', async () => {
    await expect(Promise.all([setUp().metrics.render(), setUp().metrics.render()])).resolves.toHaveLength(2);
  });
});
