// Greedy non-maximum suppression on the CPU; exactly the sequential definition (src/nms-reference.ts).
#ifndef LANECAST_CPU_NMS_H
#define LANECAST_CPU_NMS_H

#include <cstdint>
#include <vector>

#include "../cuda/nms_cuda.h"
#include "box_grid.h"
#include "overlap.h"

namespace lanecast {

// Keeps its scratch memory from call to call. One call at a time.
class CpuNms {
 public:
  // Writes as lanecast_nms_cuda_run does: image b's kept boxes, best first, relative to offsets[b].
  void run(const LanecastNmsProblem &problem, int32_t *kept, uint32_t *kept_offsets);

  // For tests: the loop to use, and up to how many boxes all are compared with all.
  void set_mark_overlaps(MarkOverlaps variant) { mark_ = variant; }
  void set_brute_force_limit(uint32_t limit) { brute_force_limit_ = limit; }

 private:
  struct Image {
    const float *boxes;
    const float *scores;
    const int32_t *classes;
    uint32_t count;
  };

  uint32_t suppress_image(const Image &image, const LanecastNmsProblem &problem, int32_t *kept);
  void order_by_score(const Image &image, float score_threshold);
  void order_by_class(const Image &image);
  uint32_t suppress_group(const Image &image, uint32_t begin, uint32_t end, float iou_threshold, uint32_t limit);
  uint32_t settle_crowds(uint32_t count, float iou_threshold, uint32_t limit, uint32_t &kept);
  uint32_t keep_open(uint32_t begin, uint32_t end);

  MarkOverlaps mark_ = mark_overlaps;
  uint32_t brute_force_limit_ = 1500;
  BoxGrid grid_;
  BoxColumns columns_;
  // (sort key << 32) | index into the image, best first; with classes, best first within each class.
  std::vector<uint64_t> order_, spare_;
  // (class << 32) | place in the order by score.
  std::vector<uint64_t> by_class_;
  std::vector<uint32_t> ranked_;
  std::vector<uint8_t> dead_;
  std::vector<uint8_t> suppressed_;
  std::vector<uint32_t> members_;
};

}  // namespace lanecast

#endif
