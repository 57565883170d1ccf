/* capture PACKETS LENGTH FLOWS OUT.pcap [PACKETS_PER_SECOND]
 *
 * Writes a synthetic capture (LENGTH 0: the lengths of ordinary traffic) and prints what it holds
 * as one JSON object. Flows are drawn evenly; the same arguments give the same bytes. */
#include "frame.h"
#include <stdio.h>
#include <stdlib.h>

static const uint32_t START = 1700000000; /* seconds since 1970 */

static int write_capture(FILE *out, uint64_t packets, uint32_t length, uint64_t flows, uint64_t rate) {
    static uint8_t frame[FRAME_MAX];
    uint32_t header[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 1};
    uint64_t state = 1, bytes = 0;

    fwrite(header, sizeof header, 1, out);
    for (uint64_t i = 0; i < packets; i++) {
        uint32_t size = length ? length : mixed_length(&state);
        uint32_t micros = (uint32_t)(i % rate * 1000000 / rate);
        uint32_t record[4] = {START + (uint32_t)(i / rate), micros, size, size};
        make_frame(frame, draw(&state) % flows, 0, size);
        fwrite(record, sizeof record, 1, out);
        fwrite(frame, size, 1, out);
        bytes += size;
    }
    printf("{\"packets\": %llu, \"bytes\": %llu}\n", (unsigned long long)packets, (unsigned long long)bytes);
    return fflush(out) || ferror(out) ? 1 : 0;
}

int main(int count, char **words) {
    if (count < 5) {
        fprintf(stderr, "usage: capture PACKETS LENGTH FLOWS OUT.pcap [PACKETS_PER_SECOND]\n");
        return 2;
    }
    uint32_t length = (uint32_t)atoi(words[2]);
    uint64_t flows = strtoull(words[3], NULL, 10), rate = count > 5 ? strtoull(words[5], NULL, 10) : 500000;
    if ((length && (length < FRAME_MIN || length > FRAME_MAX)) || !flows || !rate) {
        fprintf(stderr, "capture: LENGTH is 0 or %d to %d, FLOWS and the rate at least 1\n", FRAME_MIN, FRAME_MAX);
        return 2;
    }
    FILE *out = fopen(words[4], "wb");
    if (!out) {
        perror(words[4]);
        return 1;
    }
    setvbuf(out, NULL, _IOFBF, 1 << 20);
    int failed = write_capture(out, strtoull(words[1], NULL, 10), length, flows, rate);
    if (fclose(out) || failed) {
        perror(words[4]);
        return 1;
    }
    return 0;
}
