// The whole native side of MoSar.Torch: a C interface over LibTorch.
//
// Operators are not bound one by one. ms_call looks an operator up by its schema in c10's Dispatcher and calls it boxed,
// so one entry point serves every ATen operator with autograd and autocast, on every device and LibTorch version. The rest
// of the file is what no operator does: tensor handles, the autograd engine, custom functions, modes, TorchScript, threads.
//
// A tensor handle is a c10::TensorImpl* that owns one reference. Functions that can fail return a negative number or null
// and leave the reason in a thread-local string (ms_last_error).

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/api/include/torch/version.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/edge.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <dlfcn.h>
#include <malloc.h>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#define MS_API extern "C" __attribute__((visibility("default")))
#define TORCH_AT_LEAST(major, minor) \
  (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

namespace {

using Impl = c10::TensorImpl;
using ImplPtr = c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>;
using torch::autograd::Node;
using torch::autograd::SavedVariable;
using torch::autograd::variable_list;

// Tensors of megabytes come and go with every operator. glibc gives such blocks back to the kernel, which clears their pages
// at the next touch: more than a third of a training step. What is freed stays with the process instead, at most a gigabyte at
// an arena's end. Whoever tunes malloc by its environment variables is left alone.
__attribute__((constructor)) void keep_freed_memory() {
#ifdef __GLIBC__
  for (const char* own : {"GLIBC_TUNABLES", "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_MMAP_MAX_"})
    if (std::getenv(own)) return;
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

std::atomic<int64_t> live_tensors{0};
std::atomic<int64_t> peak_tensors{0};
thread_local std::string last_error;

at::Tensor borrow(Impl* handle) {
  return handle ? at::Tensor(ImplPtr::reclaim_copy(handle)) : at::Tensor();
}

Impl* release(at::Tensor tensor) {
  if (!tensor.defined()) return nullptr;
  int64_t live = live_tensors.fetch_add(1, std::memory_order_relaxed) + 1;
  int64_t peak = peak_tensors.load(std::memory_order_relaxed);
  while (live > peak && !peak_tensors.compare_exchange_weak(peak, live, std::memory_order_relaxed)) {}
  return tensor.unsafeReleaseTensorImpl();
}

// c10 appends a C++ backtrace to what(); a C# programmer has no use for it.
template <typename F>
auto guarded(F body, decltype(body()) failed) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (const c10::Error& e) {
    last_error = e.what_without_backtrace();
  } catch (const std::exception& e) {
    last_error = e.what();
    auto trace = last_error.find("\nException raised from");
    if (trace != std::string::npos) last_error.resize(trace);
  } catch (...) {
    last_error = "unknown C++ exception";
  }
  return failed;
}

// Must match MoSar.Torch's NativeValue.
enum Tag : int32_t {
  kNone, kTensor, kInt, kDouble, kBool, kInts, kDoubles, kBools, kTensors, kOptionalTensors, kString, kDevice, kGenerator,
  kComplex, kTuple
};

struct Value {
  int32_t tag;
  int32_t count;
  union {
    int64_t i;
    double d;
    void* p;
  };
  double imaginary;
};
static_assert(sizeof(Value) == 24, "NativeValue's layout");

struct Operator {
  c10::OperatorHandle handle;
  std::vector<c10::TypeKind> kinds;       // of each argument, inside an Optional
  std::vector<c10::TypeKind> elements;    // of a list's elements
  std::vector<c10::optional<c10::IValue>> defaults;
};

c10::TypeKind kind_of(c10::TypePtr type, c10::TypeKind* element) {
  if (type->kind() == c10::TypeKind::OptionalType)
    type = type->castRaw<c10::OptionalType>()->getElementType();
  *element = c10::TypeKind::AnyType;
  if (type->kind() == c10::TypeKind::ListType)
    *element = type->castRaw<c10::ListType>()->getElementType()->kind();
  return type->kind();
}

// Numbers arrive as C# wrote them; the schema says whether 1 means an int, a float or an element of a list.
c10::IValue to_ivalue(const Value& v, c10::TypeKind kind, c10::TypeKind element) {
  switch (v.tag) {
    case kNone: return {};
    case kTensor: return borrow(static_cast<Impl*>(v.p));
    case kInt:
      if (kind == c10::TypeKind::FloatType) return static_cast<double>(v.i);
      if (kind == c10::TypeKind::BoolType) return v.i != 0;
      return v.i;
    case kDouble: return v.d;
    case kBool: return v.i != 0;
    case kInts: {
      auto* p = static_cast<const int64_t*>(v.p);
      if (element == c10::TypeKind::FloatType) return c10::IValue(std::vector<double>(p, p + v.count));
      return c10::IValue(at::IntArrayRef(p, v.count));
    }
    case kDoubles: {
      auto* p = static_cast<const double*>(v.p);
      return c10::IValue(std::vector<double>(p, p + v.count));
    }
    case kBools: {
      auto* p = static_cast<const uint8_t*>(v.p);
      c10::List<bool> list;
      for (int i = 0; i < v.count; i++) list.push_back(p[i] != 0);
      return list;
    }
    case kTensors: {
      auto* p = static_cast<Impl* const*>(v.p);
      c10::List<at::Tensor> list;
      list.reserve(v.count);
      for (int i = 0; i < v.count; i++) list.push_back(borrow(p[i]));
      return list;
    }
    case kOptionalTensors: {
      auto* p = static_cast<Impl* const*>(v.p);
      c10::List<c10::optional<at::Tensor>> list;
      list.reserve(v.count);
      for (int i = 0; i < v.count; i++)
        list.push_back(p[i] ? c10::optional<at::Tensor>(borrow(p[i])) : c10::optional<at::Tensor>());
      return list;
    }
    case kString: return std::string(static_cast<const char*>(v.p), v.count);
    case kDevice: return c10::Device(static_cast<c10::DeviceType>(v.i), static_cast<c10::DeviceIndex>(v.count));
    case kGenerator: return *static_cast<at::Generator*>(v.p);
    case kComplex: return c10::complex<double>(v.d, v.imaginary);
    default: TORCH_CHECK(false, "argument tag ", v.tag, " is not known");
  }
}

Value from_ivalue(c10::IValue&& v) {
  Value r{};
  if (v.isTensor()) {
    r.tag = kTensor;
    r.p = release(std::move(v).toTensor());
  } else if (v.isNone()) {
    r.tag = kNone;
  } else if (v.isBool()) {
    r.tag = kBool;
    r.i = v.toBool();
  } else if (v.isInt()) {
    r.tag = kInt;
    r.i = v.toInt();
  } else if (v.isDouble()) {
    r.tag = kDouble;
    r.d = v.toDouble();
  } else if (v.isComplexDouble()) {
    auto c = v.toComplexDouble();
    r.tag = kComplex;
    r.d = c.real();
    r.imaginary = c.imag();
  } else if (v.isString()) {
    const auto& s = v.toStringRef();
    r.tag = kString;
    r.count = static_cast<int32_t>(s.size());
    r.p = std::memcpy(std::malloc(s.size() + 1), s.data(), s.size());
  } else if (v.isTensorList()) {
    auto list = v.toTensorVector();
    auto** handles = static_cast<Impl**>(std::malloc((list.size() + 1) * sizeof(Impl*)));
    for (size_t i = 0; i < list.size(); i++) handles[i] = release(std::move(list[i]));
    r.tag = kTensors;
    r.count = static_cast<int32_t>(list.size());
    r.p = handles;
  } else if (v.isTuple() || v.isList()) {
    std::vector<c10::IValue> items;
    if (v.isTuple()) items = v.toTupleRef().elements().vec();
    else items = v.toListRef().vec();
    auto* values = static_cast<Value*>(std::malloc((items.size() + 1) * sizeof(Value)));
    for (size_t i = 0; i < items.size(); i++) values[i] = from_ivalue(std::move(items[i]));
    r.tag = kTuple;
    r.count = static_cast<int32_t>(items.size());
    r.p = values;
  } else {
    TORCH_CHECK(false, "results of type ", v.tagKind(), " are not bound");
  }
  return r;
}

variable_list borrow_all(Impl* const* handles, int count) {
  variable_list list;
  list.reserve(count);
  for (int i = 0; i < count; i++) list.push_back(borrow(handles[i]));
  return list;
}

// The backward half of a C# autograd function. It owns its C# counterpart (a GCHandle), which it frees when the graph goes.
using ApplyCallback = int (*)(void* managed, Impl* const* gradients, int count, Impl** results, int capacity);
using ReleaseCallback = void (*)(void* managed);

struct ManagedNode final : Node {
  void* managed;
  ApplyCallback apply_callback;
  ReleaseCallback release_callback;
  bool materialize = true;
  std::vector<SavedVariable> saved;
  std::string function_name;

  ManagedNode(void* m, ApplyCallback a, ReleaseCallback r, const char* n)
      : managed(m), apply_callback(a), release_callback(r), function_name(n) {}
  ~ManagedNode() override { release_callback(managed); }

  std::string name() const override { return function_name; }
  void release_variables() override { saved.clear(); }

  variable_list apply(variable_list&& gradients) override {
    std::vector<Impl*> in(gradients.size());
    variable_list keep(gradients.size());
    for (size_t i = 0; i < gradients.size(); i++) {
      keep[i] = gradients[i].defined() || !materialize ? gradients[i] : input_metadata(i).zeros_like();
      in[i] = keep[i].defined() ? keep[i].unsafeGetTensorImpl() : nullptr;
    }
    std::vector<Impl*> out(num_outputs(), nullptr);
    if (apply_callback(managed, in.data(), static_cast<int>(in.size()), out.data(), static_cast<int>(out.size())) != 0)
      throw std::runtime_error("backward of " + function_name + " failed");
    variable_list results;
    for (auto* handle : out)
      results.push_back(handle ? at::Tensor(ImplPtr::reclaim(handle)) : at::Tensor());
    return results;
  }
};

thread_local std::vector<std::unique_ptr<c10::InferenceMode>> inference_modes;

}  // namespace

// ---- errors and memory ----

MS_API const char* ms_last_error() { return last_error.c_str(); }
MS_API void ms_free_array(void* p) { std::free(p); }

// ---- operators ----

MS_API Operator* ms_operator(const char* name, const char* overload) {
  return guarded([&]() -> Operator* {
    auto found = c10::Dispatcher::singleton().findSchema({name, overload});
    if (!found) {
      last_error = "this LibTorch has no such operator";
      return nullptr;
    }
    auto* op = new Operator{*found, {}, {}, {}};
    for (const auto& argument : found->schema().arguments()) {
      c10::TypeKind element;
      op->kinds.push_back(kind_of(argument.real_type(), &element));
      op->elements.push_back(element);
      op->defaults.push_back(argument.default_value());
    }
    return op;
  }, nullptr);
}

// Calls an operator. Trailing arguments that are not given take their schema's defaults. Returns the number of results.
MS_API int ms_call(const Operator* op, const Value* arguments, int count, Value* results, int capacity) {
  // OpenMP counts threads per calling thread; oneDNN reads that count without ATen's having set it on a new one.
  thread_local const bool threads_set = (at::init_num_threads(), true);
  (void)threads_set;
  return guarded([&]() -> int {
    size_t wanted = op->kinds.size();
    TORCH_CHECK(static_cast<size_t>(count) <= wanted, "takes ", wanted, " arguments, got ", count);
    torch::jit::Stack stack;
    stack.reserve(wanted + 2);
    for (int i = 0; i < count; i++) stack.push_back(to_ivalue(arguments[i], op->kinds[i], op->elements[i]));
    for (size_t i = count; i < wanted; i++) {
      TORCH_CHECK(op->defaults[i].has_value(), "argument ", i, " has no default");
      stack.push_back(*op->defaults[i]);
    }
    op->handle.callBoxed(&stack);
    TORCH_CHECK(stack.size() <= static_cast<size_t>(capacity), "more results than expected");
    for (size_t i = 0; i < stack.size(); i++) results[i] = from_ivalue(std::move(stack[i]));
    return static_cast<int>(stack.size());
  }, -1);
}

// ---- tensors ----

struct TensorInfo {
  int64_t numel;
  void* data;
  int32_t dtype, device_type, device_index, dim;
  int32_t requires_grad, is_leaf, element_size, defined_storage;
};

MS_API int ms_tensor_info(Impl* handle, TensorInfo* info) {
  return guarded([&]() -> int {
    auto t = borrow(handle);
    info->numel = t.numel();
    info->dtype = static_cast<int32_t>(t.scalar_type());
    info->device_type = static_cast<int32_t>(t.device().type());
    info->device_index = t.device().index();
    info->dim = static_cast<int32_t>(t.dim());
    info->requires_grad = t.requires_grad();
    info->is_leaf = t.is_leaf();
    info->element_size = static_cast<int32_t>(t.element_size());
    info->defined_storage = t.has_storage();
    info->data = t.has_storage() ? t.data_ptr() : nullptr;
    return 0;
  }, -1);
}

MS_API int ms_tensor_sizes(Impl* handle, int64_t* sizes, int64_t* strides) {
  return guarded([&]() -> int {
    auto s = handle->sizes();
    if (sizes) std::copy(s.begin(), s.end(), sizes);
    if (strides) {
      auto st = handle->strides();
      std::copy(st.begin(), st.end(), strides);
    }
    return static_cast<int>(s.size());
  }, -1);
}

MS_API int ms_tensor_is_contiguous(Impl* handle, int format) {
  return borrow(handle).is_contiguous(static_cast<at::MemoryFormat>(format));
}

MS_API int64_t ms_tensor_storage_offset(Impl* handle) { return handle->storage_offset(); }
MS_API void ms_tensor_release(Impl* handle) {
  ImplPtr::reclaim(handle);
  live_tensors.fetch_sub(1, std::memory_order_relaxed);
}
MS_API Impl* ms_tensor_retain(Impl* handle) { return release(borrow(handle)); }
// A reference that is given to C++ and so is no longer counted as a handle.
MS_API void ms_tensor_give(Impl* handle) { borrow(handle).unsafeReleaseTensorImpl(); }
MS_API void ms_tensor_counts(int64_t* live, int64_t* peak, int reset_peak) {
  *live = live_tensors.load();
  *peak = peak_tensors.load();
  if (reset_peak) peak_tensors.store(*live);
}

MS_API int ms_tensor_set_requires_grad(Impl* handle, int value) {
  return guarded([&]() -> int { borrow(handle).set_requires_grad(value != 0); return 0; }, -1);
}
MS_API int ms_tensor_retain_grad(Impl* handle) {
  return guarded([&]() -> int { borrow(handle).retain_grad(); return 0; }, -1);
}
MS_API Impl* ms_tensor_grad(Impl* handle) {
  return guarded([&]() -> Impl* { return release(borrow(handle).grad()); }, nullptr);
}
MS_API int ms_tensor_set_grad(Impl* handle, Impl* gradient) {
  return guarded([&]() -> int { borrow(handle).mutable_grad() = borrow(gradient); return 0; }, -1);
}
// Points the tensor at another's memory, as .data = in Python: how a module changes type or device under its parameters.
MS_API int ms_tensor_set_data(Impl* handle, Impl* source) {
  return guarded([&]() -> int { borrow(handle).set_data(borrow(source)); return 0; }, -1);
}

// ---- autograd ----

MS_API int ms_backward(Impl* const* tensors, int count, Impl* const* gradients, int retain, int create, Impl* const* inputs,
                       int input_count) {
  return guarded([&]() -> int {
    auto grads = gradients ? borrow_all(gradients, count) : variable_list(count);
    torch::autograd::backward(borrow_all(tensors, count), grads, retain != 0, create != 0, borrow_all(inputs, input_count));
    return 0;
  }, -1);
}

MS_API int ms_grad(Impl* const* outputs, int count, Impl* const* inputs, int input_count, Impl* const* gradients, int retain,
                   int create, int allow_unused, Impl** results) {
  return guarded([&]() -> int {
    auto grads = gradients ? borrow_all(gradients, count) : variable_list(count);
    auto found = torch::autograd::grad(borrow_all(outputs, count), borrow_all(inputs, input_count), grads, retain != 0,
                                       create != 0, allow_unused != 0);
    for (int i = 0; i < input_count; i++) results[i] = release(found[i]);
    return 0;
  }, -1);
}

MS_API int ms_grad_mode(int set) {
  int was = at::GradMode::is_enabled();
  if (set >= 0) at::GradMode::set_enabled(set != 0);
  return was;
}

MS_API int ms_inference_mode(int change) {
  if (change > 0) inference_modes.push_back(std::make_unique<c10::InferenceMode>(true));
  else if (change < 0 && !inference_modes.empty()) inference_modes.pop_back();
  return c10::InferenceMode::is_enabled();
}

// Autocast on the CPU (device 0) or CUDA (device 1) of this thread. dtype < 0 leaves it off. Returns the previous dtype or -1.
MS_API int ms_autocast(int device, int dtype, int nest) {
  return guarded([&]() -> int {
    int was;
#if TORCH_AT_LEAST(2, 4)
    auto type = device == 0 ? at::kCPU : at::kCUDA;
    was = at::autocast::is_autocast_enabled(type) ? static_cast<int>(at::autocast::get_autocast_dtype(type)) : -1;
    at::autocast::set_autocast_enabled(type, dtype >= 0);
    if (dtype >= 0) at::autocast::set_autocast_dtype(type, static_cast<at::ScalarType>(dtype));
#else
    if (device == 0) {
      was = at::autocast::is_cpu_enabled() ? static_cast<int>(at::autocast::get_autocast_cpu_dtype()) : -1;
      at::autocast::set_cpu_enabled(dtype >= 0);
      if (dtype >= 0) at::autocast::set_autocast_cpu_dtype(static_cast<at::ScalarType>(dtype));
    } else {
      was = at::autocast::is_enabled() ? static_cast<int>(at::autocast::get_autocast_gpu_dtype()) : -1;
      at::autocast::set_enabled(dtype >= 0);
      if (dtype >= 0) at::autocast::set_autocast_gpu_dtype(static_cast<at::ScalarType>(dtype));
    }
#endif
    // The cache of converted weights lives as long as the outermost scope.
    if (nest > 0) at::autocast::increment_nesting();
    else if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    return was;
  }, -2);
}

// Puts a C# function's node into the graph: its edges lead to the inputs, the outputs get it as their history.
// roles: 0 plain, 1 not differentiable, 2 an input changed in place. An output that is an unchanged input becomes a view
// of it; the handles in outputs are replaced where that happens (the caller owns the new ones).
MS_API std::shared_ptr<Node>* ms_function(void* managed, ApplyCallback apply, ReleaseCallback release_callback, const char* name,
                                          int materialize, Impl* const* inputs, int input_count, Impl** outputs,
                                          const int* roles, int output_count, Impl* const* saved, int saved_count) {
  bool owned = false;
  auto* made = guarded([&]() -> std::shared_ptr<Node>* {
    std::shared_ptr<ManagedNode> node(new ManagedNode(managed, apply, release_callback, name), torch::autograd::deleteNode);
    owned = true;
    node->materialize = materialize != 0;
    auto in = borrow_all(inputs, input_count);
    node->set_next_edges(torch::autograd::collect_next_edges(in));
    std::vector<at::Tensor> out;
    for (int i = 0; i < output_count; i++) {
      auto t = borrow(outputs[i]);
      bool is_input = false;
      for (const auto& v : in) is_input = is_input || v.is_same(t);
      if (!t.defined() || roles[i] == 1 || !torch::autograd::isDifferentiableType(t.scalar_type())) {
        if (is_input && t.defined()) t = t.detach();
        node->add_input_metadata(Node::undefined_input());
      } else if (roles[i] == 2) {
        torch::autograd::impl::bump_version(t);
        auto slot = node->add_input_metadata(t);
        torch::autograd::impl::rebase_history(t, {node, slot});
      } else {
        if (is_input) {
          at::AutoGradMode off(false);
          t = t.view_as(t);
        }
        // An output made by view operations under no_grad still carries its base: cut it loose before giving it a history.
        if (t.is_view()) t = t.detach();
        torch::autograd::create_gradient_edge(t, node);
      }
      if (t.defined() && t.unsafeGetTensorImpl() != outputs[i]) outputs[i] = release(t);
      out.push_back(t);
    }
    for (int i = 0; i < saved_count; i++) {
      auto t = borrow(saved[i]);
      bool is_output = false;
      for (const auto& o : out) is_output = is_output || (o.defined() && o.is_same(t));
      node->saved.emplace_back(t, is_output);
    }
    return new std::shared_ptr<Node>(node);
  }, nullptr);
  if (!owned) release_callback(managed);
  return made;
}

MS_API void ms_function_drop(std::shared_ptr<Node>* node) { delete node; }
MS_API void* ms_function_address(std::shared_ptr<Node>* node) { return node->get(); }

// Only from inside apply, where the engine keeps the node alive.
MS_API int ms_function_saved(void* address, Impl** results, int capacity) {
  return guarded([&]() -> int {
    auto* node = static_cast<ManagedNode*>(static_cast<Node*>(address));
    auto shared = node->shared_from_this();
    int count = static_cast<int>(node->saved.size());
    for (int i = 0; i < count && i < capacity; i++) results[i] = release(node->saved[i].unpack(shared));
    return count;
  }, -1);
}

// ---- random numbers ----

MS_API int ms_manual_seed(uint64_t seed) {
  return guarded([&]() -> int { at::manual_seed(seed); return 0; }, -1);
}
MS_API at::Generator* ms_generator(uint64_t seed, int use_default) {
  return guarded([&]() -> at::Generator* {
    return new at::Generator(use_default ? at::detail::getDefaultCPUGenerator() : at::detail::createCPUGenerator(seed));
  }, nullptr);
}
MS_API void ms_generator_drop(at::Generator* generator) { delete generator; }
MS_API int ms_generator_seed(at::Generator* generator, uint64_t seed) {
  return guarded([&]() -> int {
    std::lock_guard<std::mutex> lock(generator->mutex());
    generator->set_current_seed(seed);
    return 0;
  }, -1);
}
MS_API uint64_t ms_generator_initial_seed(at::Generator* generator) { return generator->current_seed(); }
MS_API Impl* ms_generator_state(at::Generator* generator, Impl* set) {
  return guarded([&]() -> Impl* {
    std::lock_guard<std::mutex> lock(generator->mutex());
    if (set) {
      generator->set_state(borrow(set));
      return nullptr;
    }
    return release(generator->get_state());
  }, nullptr);
}

// ---- TorchScript ----

using ScriptModule = torch::jit::Module;

MS_API ScriptModule* ms_jit_load(const char* path, const char* bytes, int64_t count, int device_type, int device_index) {
  return guarded([&]() -> ScriptModule* {
    c10::Device device(static_cast<c10::DeviceType>(device_type), static_cast<c10::DeviceIndex>(device_index));
    if (path) return new ScriptModule(torch::jit::load(std::string(path), device));
    std::istringstream stream(std::string(bytes, static_cast<size_t>(count)));
    return new ScriptModule(torch::jit::load(stream, device));
  }, nullptr);
}
MS_API void ms_jit_drop(ScriptModule* module) { delete module; }
MS_API void ms_jit_train(ScriptModule* module, int on) { module->train(on != 0); }
MS_API int ms_jit_is_training(ScriptModule* module) { return module->is_training(); }
MS_API int ms_jit_to(ScriptModule* module, int device_type, int device_index, int dtype) {
  return guarded([&]() -> int {
    if (device_type >= 0)
      module->to(c10::Device(static_cast<c10::DeviceType>(device_type), static_cast<c10::DeviceIndex>(device_index)));
    if (dtype >= 0) module->to(static_cast<at::ScalarType>(dtype));
    return 0;
  }, -1);
}

MS_API int ms_jit_call(ScriptModule* module, const char* method, const Value* arguments, int count, Value* result) {
  return guarded([&]() -> int {
    std::vector<c10::IValue> inputs;
    for (int i = 0; i < count; i++)
      inputs.push_back(to_ivalue(arguments[i], c10::TypeKind::AnyType, c10::TypeKind::AnyType));
    *result = from_ivalue(module->get_method(method)(std::move(inputs)));
    return 0;
  }, -1);
}

// Calls visit for every parameter (kind 0) and buffer (kind 1).
MS_API int ms_jit_tensors(ScriptModule* module, void* state, void (*visit)(void* state, int kind, const char* name, Impl* handle)) {
  return guarded([&]() -> int {
    for (const auto& p : module->named_parameters()) visit(state, 0, p.name.c_str(), release(p.value));
    for (const auto& b : module->named_buffers()) visit(state, 1, b.name.c_str(), release(b.value));
    return 0;
  }, -1);
}

// ---- optimisation ----

namespace {

// One pass over memory instead of the ten that separate operators make; the arithmetic is torch.optim.Adam's, in its order.
__attribute__((target_clones("avx512f", "avx2", "default"))) void adam_range(
    float* p, const float* g, float* m, float* v, int64_t begin, int64_t end, float decay, float shrink, float beta1, float rest1,
    float beta2, float rest2, float step_size, float root_correction, float eps, float sign) {
  for (int64_t i = begin; i < end; i++) {
    float x = p[i] * shrink;
    float d = sign * g[i] + decay * x;
    float a = m[i] * beta1 + rest1 * d;
    float b = v[i] * beta2 + rest2 * d * d;
    m[i] = a;
    v[i] = b;
    p[i] = x - step_size * (a / (std::sqrt(b) / root_correction + eps));
  }
}

}  // namespace

// Adam (decoupled = 0) or AdamW (1) in place on dense float32 CPU tensors that share one layout. Returns 1 where they do not.
MS_API int ms_adam(Impl* parameter, Impl* gradient, Impl* mean, Impl* square, int64_t step, double lr, double beta1, double beta2,
                   double eps, double weight_decay, int decoupled, int maximize) {
  return guarded([&]() -> int {
    at::Tensor all[4] = {borrow(parameter), borrow(gradient), borrow(mean), borrow(square)};
    for (const auto& t : all)
      if (!t.device().is_cpu() || t.scalar_type() != at::kFloat || !t.is_non_overlapping_and_dense() ||
          t.sizes() != all[0].sizes() || t.strides() != all[0].strides())
        return 1;
    double correction1 = 1 - std::pow(beta1, step), correction2 = 1 - std::pow(beta2, step);
    auto* p = all[0].data_ptr<float>();
    auto* g = all[1].data_ptr<float>();
    auto* m = all[2].data_ptr<float>();
    auto* v = all[3].data_ptr<float>();
    at::parallel_for(0, all[0].numel(), 1 << 15, [&](int64_t begin, int64_t end) {
      adam_range(p, g, m, v, begin, end, decoupled ? 0.f : static_cast<float>(weight_decay),
                 decoupled ? static_cast<float>(1 - lr * weight_decay) : 1.f, static_cast<float>(beta1),
                 // 1 - 0.999 in float is off by 5e-5 of itself.
                 static_cast<float>(1 - beta1), static_cast<float>(beta2), static_cast<float>(1 - beta2),
                 static_cast<float>(lr / correction1), static_cast<float>(std::sqrt(correction2)), static_cast<float>(eps),
                 maximize ? -1.f : 1.f);
    });
    torch::autograd::impl::bump_version(all[0]);
    return 0;
  }, -1);
}

// ---- threads, version, configuration ----

MS_API int ms_threads(int set, int interop) {
  return guarded([&]() -> int {
    if (set > 0 && interop) at::set_num_interop_threads(set);
    if (set > 0 && !interop) {
      at::set_num_threads(set);
      // OpenBLAS keeps threads of its own that ATen does not know of.
      if (auto* blas = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) blas(set);
    }
    return interop ? at::get_num_interop_threads() : at::get_num_threads();
  }, -1);
}

// what: 0 version, 1 the library that answers sgemm_, 2 its own description, 3 ATen's parallel settings, 4 build options,
// 5 whether CUDA can be used.
MS_API int ms_describe(int what, char* text, int capacity) {
  return guarded([&]() -> int {
    std::string s;
    if (what == 0) {
      s = TORCH_VERSION;
    } else if (what == 1) {
      Dl_info info;
      void* symbol = dlsym(RTLD_DEFAULT, "sgemm_");
      if (symbol && dladdr(symbol, &info) && info.dli_fname) s = info.dli_fname;
    } else if (what == 2) {
      if (auto* config = reinterpret_cast<char* (*)()>(dlsym(RTLD_DEFAULT, "openblas_get_config"))) s = config();
      if (auto* core = reinterpret_cast<char* (*)()>(dlsym(RTLD_DEFAULT, "openblas_get_corename"))) s += std::string(" ") + core();
    } else if (what == 3) {
      s = at::get_parallel_info();
    } else if (what == 4) {
      s = at::show_config();
    } else if (what == 5) {
      s = at::hasCUDA() ? "yes" : "no";
    }
    int n = static_cast<int>(s.size());
    if (n < capacity) std::memcpy(text, s.c_str(), n + 1);
    return n;
  }, -1);
}
