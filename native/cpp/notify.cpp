#include "notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace lanecast {
namespace {

#ifdef MSG_NOSIGNAL
constexpr int kSendFlags = MSG_DONTWAIT | MSG_NOSIGNAL;
#else
constexpr int kSendFlags = MSG_DONTWAIT;
#endif

std::string failed(const char *what) { return std::string(what) + ": " + std::strerror(errno); }

}  // namespace

std::string notify(const std::string &address, const std::string &message) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (address.size() < 2 || (address[0] != '/' && address[0] != '@')) return "not the address of a Unix socket";
  // A path needs its terminating zero; an abstract name has a zero in front instead, and ends with the length given.
  const bool abstract = address[0] == '@';
  if (address.size() + (abstract ? 0 : 1) > sizeof(to.sun_path)) return "the address is too long for a Unix socket";
  std::memcpy(to.sun_path, address.data(), address.size());
  if (abstract) to.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size() + (abstract ? 0 : 1));

#ifdef SOCK_CLOEXEC
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
#else
  const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
#endif
  if (fd < 0) return failed("socket");
  const ssize_t sent =
      sendto(fd, message.data(), message.size(), kSendFlags, reinterpret_cast<const sockaddr *>(&to), length);
  const std::string problem = sent < 0 ? failed("sendto") : "";
  close(fd);
  return problem;
}

}  // namespace lanecast
