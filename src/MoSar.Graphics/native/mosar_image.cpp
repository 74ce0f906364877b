// A C door to OpenImageIO. Files are read and written by the managed side: everything here works on memory, so that hashing,
// atomic replacement and disk-full errors have one place. No exception crosses this border: each function returns 0, or a
// non-zero code with a message in (error, error_size).
#include <OpenImageIO/filesystem.h>
#include <OpenImageIO/imageio.h>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <vector>

using namespace OIIO;

namespace {

int fail(char* error, int size, const std::string& message)
{
    if (error && size > 0) {
        std::strncpy(error, message.c_str(), size - 1);
        error[size - 1] = 0;
    }
    return 1;
}

struct Reader {
    std::unique_ptr<Filesystem::IOMemReader> memory;
    std::unique_ptr<ImageInput> input;
};

TypeDesc type_of(int kind)
{
    switch (kind) {
    case 1: return TypeDesc::UINT8;
    case 2: return TypeDesc::UINT16;
    case 3: return TypeDesc::HALF;
    default: return TypeDesc::FLOAT;
    }
}

int kind_of(TypeDesc type)
{
    switch (type.basetype) {
    case TypeDesc::UINT8: return 1;
    case TypeDesc::UINT16: return 2;
    case TypeDesc::HALF: return 3;
    case TypeDesc::FLOAT: return 4;
    default: return 0;
    }
}

} // namespace

extern "C" {

struct ImageInfo {
    int32_t width, height, channels, kind; // kind: 1 uint8, 2 uint16, 3 half, 4 float, 0 anything else (read as float)
    int32_t alpha_channel;                 // -1: none
    int32_t orientation;                   // EXIF, 1..8
    int32_t exif_width, exif_height;       // pixel size that EXIF states; 0: not stated
    int32_t focal_plane_unit;              // EXIF: 2 inch, 3 cm, 4 mm; 0: not stated
    float focal_35mm, focal_mm, focal_plane_resolution; // 0: not stated
};

#define EXPORT __attribute__((visibility("default")))

EXPORT int mosar_image_open(const char* format, const uint8_t* data, int64_t size, void** handle, ImageInfo* info, char* error, int error_size)
{
    *handle = nullptr;
    try {
        auto reader = std::make_unique<Reader>();
        reader->memory = std::make_unique<Filesystem::IOMemReader>(data, static_cast<size_t>(size));
        reader->input = ImageInput::create(format, false, nullptr, reader->memory.get());
        if (!reader->input)
            return fail(error, error_size, geterror());
        reader->input->threads(1);
        ImageSpec wish, spec;
        wish.attribute("oiio:UnassociatedAlpha", 1);
        Filesystem::IOProxy* proxy = reader->memory.get();
        wish.attribute("oiio:ioproxy", TypeDesc::PTR, &proxy);
        if (!reader->input->open(std::string("memory.") + format, spec, wish))
            return fail(error, error_size, reader->input->geterror());
        info->width = spec.width;
        info->height = spec.height;
        info->channels = spec.nchannels;
        info->kind = kind_of(spec.format);
        info->alpha_channel = spec.alpha_channel;
        info->orientation = spec.get_int_attribute("Orientation", 1);
        info->exif_width = spec.get_int_attribute("Exif:PixelXDimension", 0);
        info->exif_height = spec.get_int_attribute("Exif:PixelYDimension", 0);
        info->focal_plane_unit = spec.get_int_attribute("Exif:FocalPlaneResolutionUnit", 0);
        info->focal_35mm = spec.get_float_attribute("Exif:FocalLengthIn35mmFilm", 0.f);
        info->focal_mm = spec.get_float_attribute("Exif:FocalLength", 0.f);
        info->focal_plane_resolution = spec.get_float_attribute("Exif:FocalPlaneXResolution", 0.f);
        *handle = reader.release();
        return 0;
    } catch (const std::exception& e) {
        return fail(error, error_size, e.what());
    } catch (...) {
        return fail(error, error_size, "unknown exception");
    }
}

// Interleaved pixels of the first subimage, as kind (see ImageInfo), first `channels` channels.
EXPORT int mosar_image_read(void* handle, int kind, int channels, void* pixels, char* error, int error_size)
{
    try {
        auto& input = *static_cast<Reader*>(handle)->input;
        if (!input.read_image(0, 0, 0, channels, type_of(kind), pixels))
            return fail(error, error_size, input.geterror());
        // Some readers warn only through the error string, for instance libjpeg of corrupt data.
        if (input.has_error())
            return fail(error, error_size, input.geterror());
        return 0;
    } catch (const std::exception& e) {
        return fail(error, error_size, e.what());
    } catch (...) {
        return fail(error, error_size, "unknown exception");
    }
}

// Copies the embedded ICC profile and returns its size; 0 for none, or when it is larger than the buffer.
EXPORT int64_t mosar_image_icc(void* handle, uint8_t* buffer, int64_t capacity)
{
    try {
        const auto& spec = static_cast<Reader*>(handle)->input->spec();
        const ParamValue* p = spec.find_attribute("ICCProfile");
        if (!p || p->type().basetype != TypeDesc::UINT8 || static_cast<int64_t>(p->type().size()) > capacity)
            return 0;
        std::memcpy(buffer, p->data(), p->type().size());
        return static_cast<int64_t>(p->type().size());
    } catch (...) {
        return 0;
    }
}

EXPORT void mosar_image_close(void* handle)
{
    try {
        delete static_cast<Reader*>(handle);
    } catch (...) {
    }
}

// Encodes interleaved float pixels; the file's type is `kind`. The result is owned by *buffer until mosar_image_free(*buffer).
EXPORT int mosar_image_encode(const char* format, int width, int height, int channels, int kind, const float* pixels, int quality,
                              void** buffer, const uint8_t** data, int64_t* size, char* error, int error_size)
{
    *buffer = nullptr;
    try {
        auto bytes = std::make_unique<std::vector<unsigned char>>();
        Filesystem::IOVecOutput memory(*bytes);
        Filesystem::IOProxy* proxy = &memory;
        auto output = ImageOutput::create(format, proxy);
        if (!output)
            return fail(error, error_size, geterror());
        ImageSpec spec(width, height, channels, type_of(kind));
        if (std::string(format) == "openexr")
            spec.attribute("compression", "zip");
        if (quality > 0)
            spec.attribute("CompressionQuality", quality);
        spec.attribute("oiio:ioproxy", TypeDesc::PTR, &proxy);
        // The same pixels give the same bytes: no date, no software string.
        spec.attribute("Software", "MoSar");

        // OpenEXR would note the time of day, and the same pixels would never again be the same file.
        spec.attribute("DateTime", "1970:01:01 00:00:00");
        if (!output->open(std::string("memory.") + format, spec) || !output->write_image(TypeDesc::FLOAT, pixels) || !output->close())
            return fail(error, error_size, output->geterror());
        *data = bytes->data();
        *size = static_cast<int64_t>(bytes->size());
        *buffer = bytes.release();
        return 0;
    } catch (const std::exception& e) {
        return fail(error, error_size, e.what());
    } catch (...) {
        return fail(error, error_size, "unknown exception");
    }
}

EXPORT void mosar_image_free(void* buffer)
{
    delete static_cast<std::vector<unsigned char>*>(buffer);
}

EXPORT int mosar_image_version() { return openimageio_version(); }

}
