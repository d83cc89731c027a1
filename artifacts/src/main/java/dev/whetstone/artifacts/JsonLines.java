package dev.whetstone.artifacts;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Files of one JSON value a line. */
public final class JsonLines {
  private JsonLines() {}

  /**
   * Every line of {@code file} as a {@code type}, in order; blank lines are passed over.
   *
   * @throws BadInputException if the file is missing or a line is not such a value; the line is
   *     named
   */
  public static <T> List<T> read(Path file, Class<T> type) {
    var values = new ArrayList<T>();
    forEach(file, type, values::add);
    return values;
  }

  /** As {@link #read}, with one line in memory at a time. */
  public static <T> void forEach(Path file, Class<T> type, Consumer<T> each) {
    int number = 0;
    InputFile.check(file, "a file of JSON lines");
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank()) {
          T value = Json.mapper().readValue(line, type);
          if (value == null) {
            throw new BadInputException(
                "%s, line %d: expected %s, found null."
                    .formatted(file, number, type.getSimpleName()));
          }
          each.accept(value);
        }
      }
    } catch (JsonProcessingException e) {
      throw new BadInputException(
          "%s, line %d: expected %s, found %s"
              .formatted(file, number, type.getSimpleName(), Json.sentence(e)),
          e);
    } catch (CharacterCodingException e) {
      throw new BadInputException(
          "%s, after line %d: expected UTF-8, found other bytes.".formatted(file, number), e);
    } catch (IOException e) {
      throw InputFile.unreadable(file, "a file of JSON lines", e);
    }
  }
}
