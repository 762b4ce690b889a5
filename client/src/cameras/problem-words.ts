import type { FieldName } from './camera-form.js';

/** An `application/problem+json` answer, as far as it is read. */
export interface Problem {
  code: string;
  detail: string;
  faults?: readonly { path: string; message: string }[];
}

/** What to say of a failure, and at which field; without one it stands above the buttons. */
export interface Said {
  text: string;
  /** What may help. */
  advice: string | null;
  field: FieldName | null;
}

/** Fields of the form by the names of the configuration. */
const FIELD_OF_PATH: Readonly<Record<string, FieldName>> = {
  id: 'id',
  url: 'address',
  transport: 'transport',
  tlsAllowSelfSigned: 'tlsAllowSelfSigned',
  scaleMPerPx: 'scale',
};

const FIELD_OF_CODE: Readonly<Record<string, FieldName>> = {
  'stream-exists': 'id',
  'bad-url': 'address',
  'url-redacted': 'address',
  'rtsp-not-found': 'address',
  'rtsp-unreachable': 'address',
  'rtsp-unauthorised': 'password',
};

const ADVICE: Readonly<Record<string, string>> = {
  'stream-exists': 'Choose another name, or change the camera that has this one.',
  'url-redacted': 'The server hides secrets of addresses as ***. Write the secret itself in their place.',
  'config-not-saved': 'Nothing was changed. Make room or give the server rights to the file, then try again.',
  'config-invalid': 'The configuration file has a fault of its own. Mend it, then try again.',
  'config-syntax': 'The configuration file has a fault of its own. Mend it, then try again.',
  'config-unreadable': 'The server cannot read its configuration file. Put it back, then try again.',
  'config-not-editable': 'The file uses YAML that an edit would break. Change the camera in the file by hand.',
  'not-granted': 'Log out, and in again with the token of the configuration.',
  'stream-unknown': 'Somebody else removed this camera meanwhile.',
  'too-many-probes': 'Others are testing cameras. Wait some seconds.',
  'rtsp-unauthorised': 'Check user and password; many cameras have a user of their own for RTSP.',
  'rtsp-not-found':
    'The path differs by maker: /stream1, /live, /h264Preview_01_main, /Streaming/Channels/101 are usual.',
  'rtsp-timeout': 'Is this the port of RTSP (mostly 554), and can the server reach it?',
  'rtsp-protocol':
    'Something answers there that does not speak RTSP. Is it the port of the web page? RTSP is mostly on 554.',
  'rtsp-closed': 'Many cameras allow few viewers at a time: close others, or restart the camera.',
  'unsupported-codec': 'Set the camera’s video to H.264 or H.265.',
  'no-video': 'The address leads to a stream without video. Choose another channel.',
};

/** A failure of the server, or of a camera that was tried, in words. */
export function wordsOf({ code, detail, faults }: Problem): Said {
  const fault = faults?.[0];
  return {
    text: capital(fault?.message ?? detail),
    advice: ADVICE[code] ?? null,
    field: (fault && FIELD_OF_PATH[fault.path.split('.')[0]!]) ?? FIELD_OF_CODE[code] ?? null,
  };
}

function capital(text: string): string {
  // Not a host or an address that begins the sentence.
  return /^[a-z]+ /.test(text) ? text[0]!.toUpperCase() + text.slice(1) : text;
}
