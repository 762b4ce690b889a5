import { describe, expect, it } from 'vitest';
import { keepCredentials } from '@lanecast/server/config/keep-credentials';
import { parseRtspUrl } from '@lanecast/server/config/rtsp-url';
import {
  cameraOf,
  type CameraFields,
  faultsOf,
  fieldsOf,
  keepsLogin,
  NO_FIELDS,
  takeLogin,
  urlOf,
} from './camera-form.js';

const fields = (more: Partial<CameraFields>): CameraFields => ({
  ...NO_FIELDS,
  id: 'yard',
  address: 'rtsp://10.0.0.7/live',
  ...more,
});

describe('the login', () => {
  it('is taken out of a pasted address', () => {
    expect(takeLogin(fields({ address: 'rtsp://admin:p%40ss@10.0.0.7:8554/live?a=1' }))).toMatchObject({
      address: 'rtsp://10.0.0.7:8554/live?a=1',
      username: 'admin',
      password: 'p@ss',
    });
    const none = fields({});
    expect(takeLogin(none)).toBe(none);
  });

  it.each(['simple', 'p@ss/wo?rd#1', '100 %', 'ä:ö'])('reaches the server as it was typed: %s', (password) => {
    const url = urlOf(fields({ username: 'ad min', password }));
    expect(parseRtspUrl(url).credentials).toEqual({ username: 'ad min', password });
  });

  it('stays as it is saved, or is taken away', () => {
    const saved = 'rtsp://admin:secret@10.0.0.7/live';
    expect(keepCredentials(saved, urlOf(fields({})))).toBe(saved);
    expect(keepCredentials(saved, urlOf(fields({ username: 'admin' })))).toBe(saved);
    expect(keepCredentials(saved, urlOf(fields({ forgetLogin: true })))).toBe('rtsp://10.0.0.7/live');
  });

  it.each([
    ['rtsp://h/a', 'rtsp://h/b', true],
    ['rtsp://h/a', 'rtsp://h:554/b', true],
    ['rtsp://h/a', 'rtsp://h:8554/a', false],
    ['rtsp://h/a', 'rtsp://other/a', false],
    ['rtsp://Camera.local/a', 'rtsp://camera.LOCAL/b', true],
    ['rtsps://h:322/a', 'rtsp://h:322/a', false],
    ['rtsp://h/a', 'nonsense', false],
  ])('of %s towards %s: kept is %s, as the server decides', (saved, given, kept) => {
    expect(keepsLogin(saved, given)).toBe(kept);
    if (given !== 'nonsense') {
      const withLogin = saved.replace('://', '://u:p@');
      expect(keepCredentials(withLogin, given).includes('u:p@')).toBe(kept);
    }
  });
});

describe('faults', () => {
  it('are none of a good camera', () => {
    expect(faultsOf(fields({ scale: '0,05', transport: 'udp' }), ['gate'])).toEqual({});
  });

  it.each([
    [{ id: ' ' }, 'id', /name/],
    [{ id: 'north gate' }, 'id', /mean north-gate\?/],
    [{ id: '-Kölner Straße 7' }, 'id', /mean Kolner-Strae-7\?/],
    [{ id: '東口' }, 'id', /for instance/],
    [{ id: 'gate' }, 'id', /Another camera/],
    [{ address: '' }, 'address', /RTSP address/],
    [{ address: 'http://10.0.0.7/live' }, 'address', /rtsp:\/\/10\.0\.0\.7\/live\?/],
    [{ address: '10.0.0.7/live' }, 'address', /rtsp:\/\/10\.0\.0\.7\/live\?/],
    [{ address: 'http://admin:secret@10.0.0.7' }, 'address', /^(?!.*secret)/],
    [{ address: 'rtsp:///live' }, 'address', /host/],
    [{ password: 'x' }, 'username', /user/],
    [{ address: 'rtsps://h/a', transport: 'udp' }, 'transport', /TCP/],
    [{ scale: '-1' }, 'scale', /above 0/],
  ] as const)('%j: %s', (given, name, said) => {
    expect(faultsOf(fields(given), ['gate'])[name]).toMatch(said);
  });
});

describe('the camera', () => {
  it('says only what differs from the defaults', () => {
    expect(cameraOf(fields({ id: ' yard ' }), null)).toEqual({ id: 'yard', url: 'rtsp://10.0.0.7/live' });
    expect(
      cameraOf(fields({ address: 'rtsps://h/a', transport: 'tcp', tlsAllowSelfSigned: true, scale: '0,04' }), null),
    ).toEqual({ id: 'yard', url: 'rtsps://h/a', transport: 'tcp', tlsAllowSelfSigned: true, scaleMPerPx: 0.04 });
    expect(cameraOf(fields({ tlsAllowSelfSigned: true }), null)).not.toHaveProperty('tlsAllowSelfSigned');
  });

  it('keeps what the form does not show', () => {
    const calibration = { points: [], imageSize: [1280, 720] } as never;
    const saved = { id: 'yard', url: 'rtsp://10.0.0.7/live', transport: 'udp' as const, calibration };
    expect(cameraOf(fieldsOf(saved), saved)).toEqual(saved);
    expect(cameraOf({ ...fieldsOf(saved), transport: '' }, saved)).toEqual({
      id: 'yard',
      url: 'rtsp://10.0.0.7/live',
      calibration,
    });
  });

  it('forgets a login only where it would be kept', () => {
    const saved = { id: 'yard', url: 'rtsp://10.0.0.7/live' };
    const typed = { ...fieldsOf(saved), forgetLogin: true, username: 'admin', password: 'new' };
    expect(cameraOf(typed, saved).url).toBe('rtsp://@10.0.0.7/live');
    expect(cameraOf({ ...typed, address: 'rtsp://10.0.0.8/live' }, saved).url).toBe('rtsp://admin:new@10.0.0.8/live');
  });

  it('forgets a scale that is emptied', () => {
    const saved = { id: 'yard', url: 'rtsp://10.0.0.7/live', scaleMPerPx: 0.05 };
    expect(cameraOf({ ...fieldsOf(saved), scale: '' }, saved)).not.toHaveProperty('scaleMPerPx');
  });
});
