/**
 * What each setting means, in a line or two: for docs/config.md and for editors. By `section.key`; of one stream by
 * `streams.key`. A test holds the names against the schema.
 */
export const DESCRIPTIONS: Readonly<Record<string, string>> = {
  'streams.id': 'Names the stream in addresses, metrics and messages. It never changes: another id is another stream.',
  'streams.url':
    'The camera: rtsp://[user:password@]host[:port]/path, or rtsps:// over TLS. Characters such as / ? # @ in a password are written percent-encoded.',
  'streams.transport': 'How video comes: absent, as ingest.transport says.',
  'streams.tlsAllowSelfSigned':
    'For rtsps: takes a certificate that nobody vouches for. The video is encrypted, but anyone could be the camera.',
  'streams.scaleMPerPx':
    'Metres per pixel: lane width (3.75 m) / its width in pixels. Short for a calibration that is a scale.',
  'streams.calibration':
    'From pixels to metres on the road: {scaleMPerPx}, or {points, imageSize} with four or more points whose place on the ground is known (docs/calibration.md).',
  'server.host': 'Address to listen on. Anything but loopback needs a token.',
  'server.port': 'HTTP port; 0 takes a free one.',
  'server.token': 'Access token. Better in the environment (LANECAST_TOKEN) than in a file that others can read.',
  'server.allowedHosts': 'Further names that the Host header may carry, and whose pages may change things.',
  'server.trustedProxies':
    'Addresses or networks (CIDR) of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.',
  'server.tls': 'HTTPS instead of HTTP, by PEM files: {certFile, keyFile}. Renewed ones are taken into use at once.',
  'ingest.transport': 'RTSP over TCP or UDP, for cameras that do not say it.',
  'ingest.stallTimeoutMs': 'No video frame for so long: the connection is torn down and made anew.',
  'ingest.connectTimeoutMs': 'How long a camera may take to answer.',
  'ingest.backoffMinMs': 'The wait before the first new attempt; it doubles each time.',
  'ingest.backoffMaxMs': 'The longest wait between attempts, which go on for ever.',
  'ingest.streamsPerWorker': 'Cameras per ingest thread. Absent: 8, and 1 to 4 with NVDEC.',
  'ingest.decode': 'auto: NVDEC where it works, else in software, and says so. nvdec insists on it at the start.',
  'ingest.maxPicturePixels': 'A camera that announces larger pictures is refused.',
  'detector.mode':
    'Where detection runs. server: here; browser: only in pages that lend their GPU; auto: here, but for streams that such a page has taken; none: nowhere.',
  'detector.maxLentLatencyMs': 'A page whose detections come later than this after their frame detects no longer.',
  'detector.model':
    'A pipeline model, or a stock YOLOv8/YOLO11 export (prepared at the first start). Absent: the first that is found.',
  'detector.executionProvider': 'auto: CUDA where it works, else the CPU, and says so. cuda insists on it.',
  'detector.precision': 'Of a model that is prepared. auto: fp16 on CUDA, else fp32.',
  'detector.onGpuLoss':
    'When CUDA fails for good while the server runs. cpu: detection goes on there; restart: the process ends with an error, for systemd to start it again.',
  'detector.width': 'Width of the model input when a stock export is prepared.',
  'detector.height': 'Height of the model input when a stock export is prepared.',
  'detector.scoreThreshold':
    "Boxes with a lower score are dropped. Lower than the tracker's: its second association lives from weak boxes.",
  'detector.iouThreshold': 'Of two boxes that overlap by more, the worse one is dropped.',
  'detector.maxBatch': 'Frames per inference. Absent: what pays, measured at the start.',
  'detector.maxWaitMs': 'How long a frame may wait for others to share its batch.',
  'detector.threads': 'Threads of one inference on the CPU. Absent: all cores.',
  'tracker.trackThreshold':
    "Score from which a box may begin or carry a track. Absent: what the model's makers say, else 0.3.",
  'tracker.matchThreshold': 'Highest cost (1 - IoU) at which a box continues a track.',
  'tracker.trackBuffer': 'How long a lost track is remembered, in thirtieths of a second.',
  'tracker.fuseScore': 'Weigh the overlap with the score when boxes are matched.',
  'speed.scaleMPerPx':
    'Metres per pixel for streams without a calibration of their own. Changes while the server runs.',
  'mjpeg.width': 'Width of the grid (/stream) in pixels.',
  'mjpeg.height': 'Height of the grid in pixels.',
  'mjpeg.maxFps': 'Pictures a second at most.',
  'mjpeg.quality': 'JPEG quality, 1 (small) to 100 (good).',
  'webrtc.enabled': 'false: no live video, motion JPEG only.',
  'webrtc.bindAddress':
    "The address of this machine on which media is sent and received. Absent: the one at which a viewer's request came in.",
  'webrtc.announcedAddress':
    "The address that viewers are told instead of this machine's own: behind NAT, in a container.",
  'webrtc.udpPorts': 'UDP ports, first and last; one viewer takes one. Absent: any.',
  'webrtc.maxPayloadBytes': 'Larger RTP payloads are taken apart: what fits every path with all its headers.',
  'webrtc.debugLossPercent': 'For tests: so many of a hundred video packets are lost on their way to viewers.',
  'webrtc.maxHoldMs': 'The longest that video waits for its detections.',
  'webrtc.refuseWhenBusy': 'No further viewers while the server does not keep up with sending to those it has.',
  'webrtc.maxViewers': 'Viewers at the same time, dashboards and players together.',
  'webrtc.transcode':
    'Streams that WebRTC cannot carry (H.265, B-frames): auto encodes them anew while somebody watches, never shows them as motion JPEG.',
  'webrtc.maxTranscodes':
    'So many streams are encoded anew at most, those named first. Absent: one for each two processors.',
  'debug.frameNumbers': 'Read the frame counter of demo and test clips, and say it in the track messages.',
  'debug.detectionDelayMs': 'For tests: detections come later, by a random time of up to so much.',
  'debug.faults': 'For tests: `POST /api/debug/faults` makes threads die and the wall clock jump. On loopback only.',
  'debug.startPtsUs': 'For tests: where the time of streams begins, microseconds.',
  'state.directory':
    "Where the server keeps what it is told while it runs. Absent: the service's state directory, else ~/.local/state/lanecast. null: nowhere.",
  'log.level': 'What is logged. Changes while the server runs.',
  'telemetry.traces':
    'Where traces of frames go, by OTLP over HTTP: {endpoint: http://127.0.0.1:4318/v1/traces}. Absent: nowhere, unless OTEL_EXPORTER_OTLP_ENDPOINT says where (docs/operations.md).',
  'telemetry.sampleRatio': 'The share of detected frames that are traced, 0 to 1.',
};
