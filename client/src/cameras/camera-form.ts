import type { CameraConfig } from './camera-types.js';

/** What the form holds, as it is typed. */
export interface CameraFields {
  id: string;
  /** Without credentials. */
  address: string;
  username: string;
  password: string;
  /** The saved user and password are to be taken away. */
  forgetLogin: boolean;
  /** ``: as the server's configuration says. */
  transport: '' | 'tcp' | 'udp';
  tlsAllowSelfSigned: boolean;
  /** Metres per pixel. */
  scale: string;
}

export type FieldName = keyof CameraFields;
export type FieldFaults = Partial<Record<FieldName, string>>;

export const NO_FIELDS: CameraFields = {
  id: '',
  address: '',
  username: '',
  password: '',
  forgetLogin: false,
  transport: '',
  tlsAllowSelfSigned: false,
  scale: '',
};

const SCHEME = /^\s*(rtsps?:\/\/)/i;
/** As the server's schema: an id names a stream in addresses, file names and metrics. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** The form of a saved camera. */
export function fieldsOf(camera: CameraConfig): CameraFields {
  return {
    ...NO_FIELDS,
    id: camera.id,
    address: camera.url,
    transport: camera.transport ?? '',
    tlsAllowSelfSigned: camera.tlsAllowSelfSigned ?? false,
    scale: camera.scaleMPerPx === undefined ? '' : String(camera.scaleMPerPx),
  };
}

/**
 * Addresses are pasted with their login, `rtsp://user:password@host/path`: it goes to the fields that are made for it, where
 * nobody reads the password over a shoulder. Returns the fields as they are where there is none.
 */
export function takeLogin(fields: CameraFields): CameraFields {
  const parts = /^(\s*rtsps?:\/\/)([^/?#]*)@(.*)$/is.exec(fields.address);
  if (!parts) return fields;
  const [, scheme = '', login = '', rest = ''] = parts;
  const colon = login.indexOf(':');
  return {
    ...fields,
    address: scheme + rest,
    username: decode(colon < 0 ? login : login.slice(0, colon)),
    password: colon < 0 ? '' : decode(login.slice(colon + 1)),
    forgetLogin: false,
  };
}

/** What cannot be right, said before the server is asked. `taken`: ids that other cameras have. */
export function faultsOf(fields: CameraFields, taken: readonly string[]): FieldFaults {
  const faults: FieldFaults = {};
  const id = fields.id.trim();
  if (id === '') faults.id = 'Give the camera a name';
  else if (!ID.test(id)) faults.id = `A name has letters, digits, “.”, “_” and “-” only, 64 at most${nearestId(id)}`;
  else if (taken.includes(id)) faults.id = 'Another camera has this name';
  const address = fields.address.trim();
  if (address === '') faults.address = 'Give the camera’s RTSP address';
  else if (!SCHEME.test(address)) faults.address = `An address begins with rtsp:// or rtsps://${suggestion(address)}`;
  else if (address.replace(SCHEME, '').replace(/[/?#].*$/s, '') === '')
    faults.address = 'The address lacks the camera’s host, for instance rtsp://192.168.1.20/live';
  if (fields.password !== '' && fields.username === '') faults.username = 'A password needs its user';
  if (isSecure(address) && fields.transport === 'udp') faults.transport = 'Over rtsps the video comes by TCP';
  const scale = fields.scale.trim().replace(',', '.');
  if (scale !== '' && !(Number(scale) > 0)) faults.scale = 'A number above 0, for instance 0.05; or leave it empty';
  return faults;
}

/** The camera that the fields describe, over what it was: what the form does not show (points of calibration) stays. */
export function cameraOf(fields: CameraFields, saved: CameraConfig | null): CameraConfig {
  const scale = fields.scale.trim().replace(',', '.');
  // Towards another place there is none to forget, and what is typed counts.
  const forgetLogin = fields.forgetLogin && saved !== null && keepsLogin(saved.url, fields.address);
  const camera: CameraConfig = { ...saved, id: fields.id.trim(), url: urlOf({ ...fields, forgetLogin }) };
  delete camera.transport;
  delete camera.tlsAllowSelfSigned;
  delete camera.scaleMPerPx;
  if (fields.transport !== '') camera.transport = fields.transport;
  if (fields.tlsAllowSelfSigned && isSecure(fields.address)) camera.tlsAllowSelfSigned = true;
  if (scale !== '' && !camera.calibration) camera.scaleMPerPx = Number(scale);
  return camera;
}

/**
 * The address with its login, percent-encoded. Without one the server keeps what is saved towards the same host; an empty
 * one (`rtsp://@host`) takes it away.
 */
export function urlOf({ address, username, password, forgetLogin }: CameraFields): string {
  const trimmed = address.trim();
  const login = `${encodeURIComponent(username)}${password === '' ? '' : `:${encodeURIComponent(password)}`}`;
  if (login === '' && !forgetLogin) return trimmed;
  return trimmed.replace(SCHEME, (scheme) => `${scheme}${forgetLogin ? '' : login}@`);
}

/** Whether a saved login stays with an address: towards the same host and port, and encrypted where it was. */
export function keepsLogin(savedAddress: string, address: string): boolean {
  const was = placeOf(savedAddress);
  const is = placeOf(address.trim());
  return was !== null && is !== null && was.place === is.place && (is.secure || !was.secure);
}

export function isSecure(address: string): boolean {
  return /^\s*rtsps:/i.test(address);
}

function placeOf(address: string): { place: string; secure: boolean } | null {
  const parts = /^rtsps?:\/\/(?:[^/?#]*@)?([^/?#]*)/i.exec(address);
  if (!parts) return null;
  const secure = isSecure(address);
  const host = parts[1]!.toLowerCase();
  return { place: /:\d+$/.test(host) ? host : `${host.replace(/:$/, '')}:${secure ? 322 : 554}`, secure };
}

function nearestId(id: string): string {
  const near = id
    .normalize('NFD')
    .replace(/\s+/g, '-')
    .replace(/[^\w.-]/g, '')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
  return near === '' ? '; for instance north-gate' : `: did you mean ${near}?`;
}

function suggestion(address: string): string {
  const bare = address.replace(/^[a-z][a-z0-9+.-]*:\/*/i, (scheme) => (scheme.includes('/') ? '' : scheme));
  return /^[\w.[]/.test(bare) ? `: did you mean rtsp://${bare.replace(/^[^@]*@/, '')}?` : '';
}

/** A password may hold a bare '%': then it is meant literally, as the server reads it. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
