// A C surface over cv::CascadeClassifier. No exception crosses it: failures come back as a code and a text.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>

#define MOSAR_API extern "C" __attribute__((visibility("default")))

namespace {

void say(char* text, int32_t capacity, const char* what) {
  if (text != nullptr && capacity > 0) {
    std::strncpy(text, what, static_cast<size_t>(capacity) - 1);
    text[capacity - 1] = '\0';
  }
}

}  // namespace

// Returns null when the file is not a cascade.
MOSAR_API void* mosar_cascade_open(const char* path, char* error, int32_t error_capacity) {
  try {
    auto cascade = std::make_unique<cv::CascadeClassifier>();
    if (!cascade->load(path)) {
      say(error, error_capacity, "not a cascade file");
      return nullptr;
    }
    // Detections of one picture must not depend on how many threads the machine gave to the last one.
    cv::setNumThreads(2);
    return cascade.release();
  } catch (const std::exception& e) {
    say(error, error_capacity, e.what());
    return nullptr;
  }
}

MOSAR_API void mosar_cascade_close(void* cascade) { delete static_cast<cv::CascadeClassifier*>(cascade); }

// grey: height rows of width bytes. boxes: capacity × 5 floats: left, top, width, height, weight of the last stage (the classifier's
// margin). Returns the number of boxes written, −1 on failure.
MOSAR_API int32_t mosar_cascade_detect(void* cascade, const uint8_t* grey, int32_t width, int32_t height, double scale, int32_t neighbours,
                                       int32_t min_size, float* boxes, int32_t capacity, char* error, int32_t error_capacity) {
  try {
    const cv::Mat view(height, width, CV_8UC1, const_cast<uint8_t*>(grey));
    cv::Mat even;
    cv::equalizeHist(view, even);
    std::vector<cv::Rect> found;
    std::vector<int> levels;
    std::vector<double> weights;
    static_cast<cv::CascadeClassifier*>(cascade)->detectMultiScale(even, found, levels, weights, scale, neighbours, 0,
                                                                    cv::Size(min_size, min_size), cv::Size(), true);
    const auto count = static_cast<int32_t>(std::min<size_t>(found.size(), static_cast<size_t>(capacity)));
    for (int32_t i = 0; i < count; ++i) {
      float* b = boxes + (5 * i);
      b[0] = static_cast<float>(found[i].x);
      b[1] = static_cast<float>(found[i].y);
      b[2] = static_cast<float>(found[i].width);
      b[3] = static_cast<float>(found[i].height);
      b[4] = static_cast<float>(i < static_cast<int32_t>(weights.size()) ? weights[i] : 0.0);
    }
    return count;
  } catch (const std::exception& e) {
    say(error, error_capacity, e.what());
    return -1;
  }
}
