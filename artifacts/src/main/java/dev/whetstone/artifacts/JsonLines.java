package dev.whetstone.artifacts;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
    int number = 0;
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank()) {
          values.add(Json.mapper().readValue(line, type));
        }
      }
    } catch (JsonProcessingException e) {
      throw new BadInputException(
          "%s, line %d: expected %s, found %s"
              .formatted(file, number, type.getSimpleName(), Json.sentence(e)),
          e);
    } catch (NoSuchFileException e) {
      throw new BadInputException(file + ": expected a file of JSON lines here, found none.", e);
    } catch (CharacterCodingException e) {
      throw new BadInputException(
          "%s, after line %d: expected UTF-8, found other bytes.".formatted(file, number), e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read", e);
    }
    return values;
  }
}
