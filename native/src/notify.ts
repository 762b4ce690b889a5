/** Word to the service manager: Node has no Unix datagram sockets, so the addon sends it. */
import { addon, addonMissingReason, HOW_TO_BUILD } from './addon.js';

export type NotifyOutcome =
  | { sent: true }
  /** `unsupported`: no message will ever go this way (the addon is missing); otherwise this one did not. */
  | { sent: false; unsupported: boolean; reason: string };

/**
 * Sends one message of sd_notify(3) (`NAME=value` lines) to `address`, the value of `$NOTIFY_SOCKET`: a path, or after
 * `@` a name in the abstract namespace. Does not block and does not throw.
 */
export function notifyManager(address: string, message: string): NotifyOutcome {
  if (!addon?.notify) {
    const reason = `${addonMissingReason || 'the C++ addon is of an earlier version'}: ${HOW_TO_BUILD}`;
    return { sent: false, unsupported: true, reason };
  }
  const reason = addon.notify(address, message);
  return reason === '' ? { sent: true } : { sent: false, unsupported: false, reason };
}
