package dev.whetstone.training.tensorboard;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Reads event files the slow way: checksums bit by bit, every field by its number. */
final class EventReader {
  private static final int POLYNOMIAL = 0x82f63b78; // Castagnoli, reflected

  private EventReader() {}

  /** What a file says, one event at a time. */
  record Event(double wallTime, long step, String version, long status, Map<String, Float> values) {
    Event {
      values = Map.copyOf(values);
    }
  }

  static int maskedChecksum(byte[] data) {
    int crc = -1;
    for (byte each : data) {
      crc ^= each & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
      }
    }
    crc = ~crc;
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }

  static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  /** Whole events up to the end, or up to the first torn one. */
  static List<Event> events(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    var events = new ArrayList<Event>();
    while (in.hasRemaining()) {
      try {
        byte[] data = record(in);
        events.add(event(data));
      } catch (BufferUnderflowException torn) {
        return events;
      }
    }
    return events;
  }

  /** Scalars by tag and step over all files, as TensorBoard keeps them. */
  static Map<String, NavigableMap<Long, Float>> scalars(Path folder) throws IOException {
    var scalars = new TreeMap<String, NavigableMap<Long, Float>>();
    for (Path file : files(folder)) {
      for (Event event : events(file)) {
        if (event.status == 1) {
          scalars.values().forEach(steps -> steps.tailMap(event.step, true).clear());
        }
        event.values.forEach(
            (tag, value) ->
                scalars.computeIfAbsent(tag, key -> new TreeMap<>()).put(event.step, value));
      }
    }
    return scalars;
  }

  private static byte[] record(ByteBuffer in) {
    byte[] head = new byte[8];
    in.get(head);
    check(in.getInt(), head);
    long length = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
    byte[] data = new byte[Math.toIntExact(length)];
    in.get(data);
    check(in.getInt(), data);
    return data;
  }

  private static void check(int found, byte[] data) {
    if (found != maskedChecksum(data)) {
      throw new AssertionError("a checksum does not fit");
    }
  }

  private static Event event(byte[] data) {
    ByteBuffer in = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    double wallTime = Double.NaN;
    long step = 0;
    String version = "";
    long status = 0;
    var values = new TreeMap<String, Float>();
    while (in.hasRemaining()) {
      int key = (int) varint(in);
      switch (key) {
        case 1 << 3 | 1 -> wallTime = in.getDouble();
        case 2 << 3 -> step = varint(in);
        case 3 << 3 | 2 -> version = text(part(in));
        case 5 << 3 | 2 -> summary(part(in), values);
        case 7 << 3 | 2 -> status = status(part(in));
        default -> throw new AssertionError("an event has no field " + (key >> 3));
      }
    }
    return new Event(wallTime, step, version, status, values);
  }

  private static void summary(ByteBuffer in, Map<String, Float> values) {
    while (in.hasRemaining()) {
      expect(in, 1 << 3 | 2);
      ByteBuffer value = part(in);
      String tag = "";
      float simple = Float.NaN;
      while (value.hasRemaining()) {
        int key = (int) varint(value);
        switch (key) {
          case 1 << 3 | 2 -> tag = text(part(value));
          case 2 << 3 | 5 -> simple = value.getFloat();
          case 9 << 3 | 2 -> part(value);
          default -> throw new AssertionError("a value has no field " + (key >> 3));
        }
      }
      values.put(tag, simple);
    }
  }

  private static long status(ByteBuffer in) {
    expect(in, 1 << 3);
    return varint(in);
  }

  private static void expect(ByteBuffer in, int key) {
    long found = varint(in);
    if (found != key) {
      throw new AssertionError("expected key %d, found %d".formatted(key, found));
    }
  }

  private static ByteBuffer part(ByteBuffer in) {
    int length = Math.toIntExact(varint(in));
    ByteBuffer part = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    in.position(in.position() + length);
    return part;
  }

  private static String text(ByteBuffer in) {
    return StandardCharsets.UTF_8.decode(in).toString();
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte next = in.get();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new AssertionError("a number of more than 64 bits");
  }
}
