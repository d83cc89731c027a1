package dev.whetstone.artifacts.recipe;

import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.InputFile;
import dev.whetstone.artifacts.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
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
  private static final List<String> SECTIONS =
      List.of("quality", "prepare", "train", "eval", "board");

  /** Levels of nesting; recipes have four. */
  private static final int MAX_DEPTH = 50;

  /** Characters of a value that a sentence shows. */
  private static final int SHOWN = 60;

  /**
   * Reads {@code file} (YAML 1.1) and applies overrides.
   *
   * @param sets {@code section.key=value} each, the value in YAML
   * @throws BadInputException if the file is missing, is not YAML or has unknown top-level keys
   */
  public static Recipe read(Path file, List<String> sets) {
    Object root = parse(file.toString(), InputFile.text(file, "a recipe (YAML)"));
    if (!(root instanceof Map<?, ?> map)) {
      throw new BadInputException(
          "%s: expected a mapping with name, model and sections, found %s."
              .formatted(file, root == null ? "nothing" : kind(root)));
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
      throw new BadInputException(
          "%s, section %s: %s".formatted(file, section, sentence(value, e)), e);
    }
  }

  private static String sentence(Object section, IllegalArgumentException e) {
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
      String fault =
          invalid.getCause() instanceof NullPointerException
              ? "expected a value, found an empty one."
              : invalid.getCause().getMessage();
      return (where.isEmpty() ? "" : where + ": ") + fault;
    }
    if (e.getCause() instanceof MismatchedInputException mismatch
        && mismatch.getTargetType() != null
        && !mismatch.getTargetType().isEnum()) { // of those Jackson names the values
      Object found = at(section, mismatch);
      return "%s: expected %s, found %s."
          .formatted(where(mismatch), wanted(mismatch.getTargetType()), kind(found));
    }
    if (e.getCause() instanceof JsonMappingException mapping) {
      return "%s: %s".formatted(where(mapping), mapping.getOriginalMessage());
    }
    return e.getMessage();
  }

  private static String where(JsonMappingException e) {
    return e.getPath().isEmpty() ? "the section" : Json.path(e);
  }

  /** The value that did not fit. */
  private static Object at(Object section, JsonMappingException e) {
    Object value = section;
    for (JsonMappingException.Reference step : e.getPath()) {
      if (value instanceof Map<?, ?> map && step.getFieldName() != null) {
        value = map.get(step.getFieldName());
      } else if (value instanceof List<?> list && step.getIndex() >= 0) {
        value = step.getIndex() < list.size() ? list.get(step.getIndex()) : null;
      }
    }
    return value;
  }

  private static String wanted(Class<?> type) {
    if (type == Integer.class || type == Long.class || type == int.class || type == long.class) {
      return "an integer";
    }
    if (Number.class.isAssignableFrom(type) || type == double.class) {
      return "a number";
    }
    if (type == Boolean.class || type == boolean.class) {
      return "true or false";
    }
    if (type == String.class) {
      return "a text";
    }
    return Collection.class.isAssignableFrom(type) ? "a list" : "a mapping";
  }

  private static String kind(Object value) {
    if (value instanceof Map<?, ?>) {
      return "a mapping";
    }
    if (value instanceof Collection<?>) {
      return "a list";
    }
    String text = String.valueOf(value);
    return "\"%s\"".formatted(text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…");
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
      Object value = new Yaml(new SafeConstructor(options)).load(yaml);
      checkDepth(where, value, 0);
      return value;
    } catch (YAMLException e) {
      throw new BadInputException(
          where + ": not YAML: " + e.getMessage().replaceAll("\\s+", " ").strip(), e);
    }
  }

  /** An anchor may stand within itself, and then there is no end. */
  private static void checkDepth(String where, Object value, int depth) {
    if (depth > MAX_DEPTH) {
      throw new BadInputException(
          "%s: expected values of at most %d levels, found more, or one that holds itself."
              .formatted(where, MAX_DEPTH));
    }
    if (value instanceof Map<?, ?> map) {
      map.values().forEach(inner -> checkDepth(where, inner, depth + 1));
    } else if (value instanceof Collection<?> list) {
      list.forEach(inner -> checkDepth(where, inner, depth + 1));
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
