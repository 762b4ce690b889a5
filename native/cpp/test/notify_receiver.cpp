// For tests: stands in for the service manager. Binds the AF_UNIX datagram socket named by the argument (a path, or `@`
// and an abstract name), says "ready", and prints each datagram as one line: the sender's pid, a space, and the message
// with its line feeds as "|". Ends with its standard input.
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string>

int main(int argc, char **argv) {
  sockaddr_un self{};
  self.sun_family = AF_UNIX;
  if (argc != 2 || std::strlen(argv[1]) + 1 > sizeof(self.sun_path)) return 2;
  const std::string address = argv[1];
  std::memcpy(self.sun_path, address.data(), address.size());
  const bool abstract = address[0] == '@';
  if (abstract) self.sun_path[0] = '\0';
  const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  const int on = 1;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size() + (abstract ? 0 : 1));
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0 ||
      bind(fd, reinterpret_cast<const sockaddr *>(&self), length) != 0) {
    std::perror("notify_receiver");
    return 1;
  }
  std::puts("ready");
  std::fflush(stdout);

  pollfd waits[] = {{fd, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  while (poll(waits, 2, -1) > 0) {
    if (waits[1].revents != 0) return 0;
    char data[4096];
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred)) + CMSG_SPACE(16 * sizeof(int))];
    iovec part = {data, sizeof data};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t size = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    if (size < 0) continue;
    long sender = 0;
    for (cmsghdr *c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
      if (c->cmsg_level != SOL_SOCKET) continue;
      if (c->cmsg_type == SCM_CREDENTIALS) {
        ucred from{};
        std::memcpy(&from, CMSG_DATA(c), sizeof from);
        sender = from.pid;
      } else if (c->cmsg_type == SCM_RIGHTS) {
        // systemd-notify waits until its barrier descriptor is closed.
        const size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
          int descriptor = -1;
          std::memcpy(&descriptor, CMSG_DATA(c) + i * sizeof(int), sizeof descriptor);
          close(descriptor);
        }
      }
    }
    for (ssize_t i = 0; i < size; i++)
      if (data[i] == '\n') data[i] = '|';
    std::printf("%ld %.*s\n", sender, static_cast<int>(size), data);
    std::fflush(stdout);
  }
  return 0;
}
