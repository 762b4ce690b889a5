// The service manager's notification protocol (sd_notify(3)): one datagram to the socket that $NOTIFY_SOCKET names.
#pragma once

#include <string>

namespace lanecast {

// Sends `message` to the AF_UNIX datagram socket `address`: a path, or after `@` a name in Linux's abstract namespace.
// Never blocks. Returns an empty string, or why it was not sent.
std::string notify(const std::string &address, const std::string &message);

}  // namespace lanecast
