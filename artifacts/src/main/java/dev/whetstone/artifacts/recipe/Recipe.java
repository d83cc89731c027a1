package dev.whetstone.artifacts.recipe;

import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * A recipe file: one story, a section per step. Each command reads its own section, once, into a
 * record.
 *
 * <p>Relative paths in a recipe are relative to the working directory, as on the command line.
 *
 * @param file where it was read
 * @param name the story's name
 * @param model hub name, folder or .gguf; every section uses it unless it names its own
 * @param sections raw YAML values by section name
 */
public record Recipe(Path file, String name, Optional<String> model, Map<String, Object> sections) {
  private static final List<String> SECTIONS = List.of("prepare", "train", "eval", "board");

  /**
   * Reads {@code file} (YAML 1.1) and applies overrides.
   *
   * @param sets {@code section.key=value} each, the value in YAML
   * @throws BadInputException if the file is missing, is not YAML or has unknown top-level keys
   */
  public static Recipe read(Path file, List<String> sets) {
    Object root = parse(file.toString(), text(file));
    if (!(root instanceof Map<?, ?> map)) {
      throw new BadInputException(
          file + ": expected a mapping with name, model and sections, found other YAML.");
    }
    Map<String, Object> values = strings(file.toString(), map);
    sets.forEach(set -> override(file, values, set));
    var unknown = new TreeSet<>(values.keySet());
    unknown.removeAll(SECTIONS);
    unknown.removeAll(List.of("name", "model"));
    if (!unknown.isEmpty()) {
      throw new BadInputException(
          "%s: unknown key \"%s\". Known keys: name, model, %s."
              .formatted(file, String.join("\", \"", unknown), String.join(", ", SECTIONS)));
    }
    String name =
        String.valueOf(
            values.getOrDefault(
                "name", file.getFileName().toString().replaceFirst("\\.ya?ml$", "")));
    var sections = new LinkedHashMap<>(values);
    sections.remove("name");
    sections.remove("model");
    return new Recipe(file, name, model(file, values.get("model")), sections);
  }

  private static Optional<String> model(Path file, Object value) {
    if (value != null && !(value instanceof String)) {
      throw new BadInputException(
          "%s: model: expected a hub name, a folder or a .gguf file, found %s."
              .formatted(file, value));
    }
    return Optional.ofNullable((String) value);
  }

  public boolean has(String section) {
    return sections.containsKey(section);
  }

  /**
   * A section as a record. Its compact constructor fills in defaults (a component that is absent
   * arrives as {@code null}, numbers as boxed types) and checks ranges with {@link
   * IllegalArgumentException}.
   *
   * @throws BadInputException if a key is unknown (the known ones are listed), has the wrong type
   *     or is out of range
   */
  public <T extends Record> T section(String section, Class<T> type) {
    Object value = sections.getOrDefault(section, Map.of());
    try {
      return Json.mapper().convertValue(value == null ? Map.of() : value, type);
    } catch (IllegalArgumentException e) {
      throw new BadInputException("%s, section %s: %s".formatted(file, section, sentence(e)), e);
    }
  }

  private static String sentence(IllegalArgumentException e) {
    if (e.getCause() instanceof UnrecognizedPropertyException unknown) {
      String known =
          unknown.getKnownPropertyIds().stream()
              .map(String::valueOf)
              .sorted()
              .collect(Collectors.joining(", "));
      return "unknown key \"%s\". Known keys: %s.".formatted(Json.path(unknown), known);
    }
    if (e.getCause() instanceof ValueInstantiationException invalid && invalid.getCause() != null) {
      String where = Json.path(invalid);
      return (where.isEmpty() ? "" : where + ": ") + invalid.getCause().getMessage();
    }
    if (e.getCause() instanceof JsonMappingException mapping) {
      return "%s: %s".formatted(Json.path(mapping), mapping.getOriginalMessage());
    }
    return e.getMessage();
  }

  private static void override(Path file, Map<String, Object> root, String set) {
    int equals = set.indexOf('=');
    if (equals < 1) {
      throw new BadInputException("--set %s: expected section.key=value.".formatted(set));
    }
    var keys = new ArrayList<>(List.of(set.substring(0, equals).split("\\.", -1)));
    String last = keys.remove(keys.size() - 1);
    Map<String, Object> at = root;
    for (String key : keys) {
      Object below = at.get(key);
      Map<String, Object> next =
          below instanceof Map<?, ?> map ? strings(file.toString(), map) : new LinkedHashMap<>();
      at.put(key, next);
      at = next;
    }
    at.put(last, parse("--set " + set, set.substring(equals + 1)));
  }

  private static Object parse(String where, String yaml) {
    var options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    try {
      return new Yaml(new SafeConstructor(options)).load(yaml);
    } catch (YAMLException e) {
      throw new BadInputException(
          where + ": not YAML: " + e.getMessage().replaceAll("\\s+", " ").strip(), e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new BadInputException(file + ": expected a recipe (YAML) here, found no file.", e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read as text", e);
    }
  }

  private static Map<String, Object> strings(String where, Map<?, ?> map) {
    var strings = new LinkedHashMap<String, Object>();
    map.forEach(
        (key, value) -> {
          if (!(key instanceof String text)) {
            throw new BadInputException(
                "%s: expected a word as key, found %s.".formatted(where, key));
          }
          strings.put(text, value);
        });
    return strings;
  }
}
