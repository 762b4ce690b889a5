// The C interface of the CUDA library (liblanecast_nms_cuda.so). The addon opens it at run time, so that the addon
// itself loads, and its CPU code serves, on a machine without CUDA.
#ifndef LANECAST_NMS_CUDA_H
#define LANECAST_NMS_CUDA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Grows when a struct or a function's meaning changes; the addon refuses a library that says otherwise.
#define LANECAST_NMS_CUDA_ABI 1

typedef struct {
  const float *boxes;         // [total, 4] x1 y1 x2 y2, any host memory
  const float *scores;        // [total]
  const int32_t *classes;     // [total]; null: all boxes compete
  const uint32_t *offsets;    // [images + 1]; image b holds the boxes offsets[b] .. offsets[b + 1] - 1
  uint32_t images;            // >= 1
  float iou_threshold;        // 0..1
  float score_threshold;      // boxes with score < this are left out; -INFINITY: none
  uint32_t max_detections;    // per image; 0: no limit
} LanecastNmsProblem;

typedef struct {
  double kernel_ms;           // device time, first kernel's start to last kernel's end; only if timing was asked for
} LanecastNmsTiming;

typedef struct {
  char name[128];
  int compute_major, compute_minor;
  int driver_version, runtime_version;  // 13000 for 13.0
  uint64_t memory_bytes;
} LanecastNmsDevice;

// A context owns one stream, its device memory and its pinned staging memory, all grown to the largest call and then
// reused. One call at a time per context (the caller keeps a pool); contexts are independent of each other.
typedef struct LanecastNmsCuda LanecastNmsCuda;

uint32_t lanecast_nms_cuda_abi(void);

// Both return 0, or -1 with a sentence in `error`.
int lanecast_nms_cuda_device(LanecastNmsDevice *device, char *error, size_t error_size);
int lanecast_nms_cuda_create(LanecastNmsCuda **context, char *error, size_t error_size);
void lanecast_nms_cuda_destroy(LanecastNmsCuda *context);

// Writes image b's kept boxes, best first, as indices relative to offsets[b], to
// kept[kept_offsets[b] .. kept_offsets[b + 1] - 1]. `kept` has room for `total` indices, `kept_offsets` for
// images + 1. `timing` may be null. Returns 0, or -1 with a sentence in `error`; a context that failed is destroyed
// by the caller and not used again.
int lanecast_nms_cuda_run(LanecastNmsCuda *context, const LanecastNmsProblem *problem, int32_t *kept,
                          uint32_t *kept_offsets, LanecastNmsTiming *timing, char *error, size_t error_size);

// Whether the process can still use CUDA: 0, or -1 with what every call answers from now on. An error of that kind (an
// address that is not there, a GPU that fell off the bus) stays until the process ends, whoever's kernel made it.
int lanecast_nms_cuda_health(char *error, size_t error_size);

// For tests of what happens then: makes such an error, with a kernel that writes where no memory is. Always returns -1;
// `error` says what CUDA answers.
int lanecast_nms_cuda_break(char *error, size_t error_size);

#ifdef __cplusplus
}
#endif

#endif
