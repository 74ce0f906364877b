/* Makes cmyk.jpg: 96x96, Adobe-style (inverted) CMYK. cc make_cmyk.c -ljpeg && ./a.out cmyk.jpg
   Left half: cyan 0, magenta 100 %, yellow 100 %, black 0 = red. Right half: black 50 % = grey. */
#include <stdio.h>
#include <jpeglib.h>

int main(int argc, char** argv)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr e;
    FILE* f = fopen(argv[argc - 1], "wb");
    unsigned char row[96 * 4];
    JSAMPROW rows[1] = {row};
    c.err = jpeg_std_error(&e);
    jpeg_create_compress(&c);
    jpeg_stdio_dest(&c, f);
    c.image_width = c.image_height = 96;
    c.input_components = 4;
    c.in_color_space = JCS_CMYK;
    jpeg_set_defaults(&c);
    jpeg_set_quality(&c, 95, TRUE);
    c.write_Adobe_marker = TRUE;
    jpeg_start_compress(&c, TRUE);
    for (int x = 0; x < 96; ++x) {
        row[4 * x] = 255;
        row[4 * x + 1] = row[4 * x + 2] = x < 48 ? 0 : 255;
        row[4 * x + 3] = x < 48 ? 255 : 128;
    }
    while (c.next_scanline < c.image_height)
        jpeg_write_scanlines(&c, rows, 1);
    jpeg_finish_compress(&c);
    fclose(f);
    return 0;
}
