// A network link between this namespace and another one whose packets get lost and come late, each by its own time, so
// that they overtake one another: a program at both ends of it (two TUN devices), where many kernels have no sch_netem.
//
//   lossy-link DEVICE NAMESPACE-FILE DEVICE-THERE
//
// Says "ready" when both devices are there; they are gone when it ends, which it does with its standard input. Orders:
//   impair LOSS MIN-MS MAX-MS SEED    of what comes from there: lost with that probability, late by a uniform time
//   clear                             nothing any more
//   counts                            answered "PASSED DROPPED": packets from there since the start
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <queue>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t LARGEST_PACKET = 65536;
constexpr size_t MOST_WAITING = 20000;

[[noreturn]] void fail(const char *what) {
  std::perror(what);
  std::exit(1);
}

int open_tun(const char *name) {
  const int device = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (device < 0) fail("/dev/net/tun");
  ifreq request = {};
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (ioctl(device, TUNSETIFF, &request) < 0) fail(name);
  return device;
}

struct Late {
  Clock::time_point due;
  uint64_t number;  // those that are due at once leave as they came
  std::vector<char> packet;
};
struct DueLater {
  bool operator()(const Late &a, const Late &b) const {
    return a.due != b.due ? a.due > b.due : a.number > b.number;
  }
};

class Link {
 public:
  Link(int here, int there) : here_(here), there_(there) {}

  [[noreturn]] void run() {
    for (;;) {
      pollfd watched[] = {{STDIN_FILENO, POLLIN, 0}, {here_, POLLIN, 0}, {there_, POLLIN, 0}};
      if (poll(watched, 3, wait_ms()) < 0) fail("poll");
      if (watched[0].revents) read_orders();
      if (watched[1].revents) take(here_, [this](const char *data, size_t size) { give(there_, data, size); });
      if (watched[2].revents) take(there_, [this](const char *data, size_t size) { impair(data, size); });
      for (; !late_.empty() && late_.top().due <= Clock::now(); late_.pop()) {
        give(here_, late_.top().packet.data(), late_.top().packet.size());
        passed_++;
      }
    }
  }

 private:
  int wait_ms() const {
    if (late_.empty()) return -1;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(late_.top().due - Clock::now()).count();
    return wait > 0 ? static_cast<int>(wait) : 0;
  }

  template <typename F>
  void take(int device, F &&handle) {
    ssize_t size;
    while ((size = read(device, buffer_, sizeof buffer_)) > 0) handle(buffer_, static_cast<size_t>(size));
  }

  // A device that is not up, or has no room, loses it, as a wire would.
  static void give(int device, const char *data, size_t size) {
    if (write(device, data, size) < 0) return;
  }

  void impair(const char *data, size_t size) {
    const auto uniform = [this] { return static_cast<double>(random_()) / 4294967296.0; };
    if ((loss_ > 0 && uniform() < loss_) || late_.size() >= MOST_WAITING) {
      dropped_++;
      return;
    }
    const double delay_ms = min_ms_ + (max_ms_ - min_ms_) * uniform();
    const auto delay = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double, std::milli>(delay_ms));
    late_.push({Clock::now() + delay, number_++, {data, data + size}});
  }

  void read_orders() {
    char text[512];
    const ssize_t size = read(STDIN_FILENO, text, sizeof text);
    if (size <= 0) std::exit(0);
    orders_.append(text, static_cast<size_t>(size));
    for (size_t end; (end = orders_.find('\n')) != std::string::npos; orders_.erase(0, end + 1)) {
      obey(orders_.substr(0, end));
    }
  }

  void obey(const std::string &order) {
    std::istringstream words(order);
    std::string verb;
    words >> verb;
    if (verb == "impair") {
      uint32_t seed = 0;
      words >> loss_ >> min_ms_ >> max_ms_ >> seed;
      random_.seed(seed);
    } else if (verb == "clear") {
      loss_ = min_ms_ = max_ms_ = 0;
    } else if (verb == "counts") {
      std::printf("%llu %llu\n", static_cast<unsigned long long>(passed_), static_cast<unsigned long long>(dropped_));
      std::fflush(stdout);
    }
  }

  const int here_, there_;
  char buffer_[LARGEST_PACKET];
  std::string orders_;
  std::priority_queue<Late, std::vector<Late>, DueLater> late_;
  std::mt19937 random_;
  double loss_ = 0, min_ms_ = 0, max_ms_ = 0;
  uint64_t number_ = 0, passed_ = 0, dropped_ = 0;
};

}  // namespace

int main(int count, char **words) {
  if (count != 4) {
    std::fprintf(stderr, "lossy-link DEVICE NAMESPACE-FILE DEVICE-THERE\n");
    return 2;
  }
  const int here = open_tun(words[1]);
  const int space = open(words[2], O_RDONLY | O_CLOEXEC);
  if (space < 0) fail(words[2]);
  if (setns(space, CLONE_NEWNET) < 0) fail("setns");
  const int there = open_tun(words[3]);
  std::printf("ready\n");
  std::fflush(stdout);
  static Link link(here, there);
  link.run();
}
