/**
 * What crosses a border between two rooms: folders with a manifest, content hashes, step ids and
 * the errors that name them.
 *
 * <p>Sub-packages by what they know: {@code tensors} (safetensors, GGUF), {@code model} (model and
 * adapter folders), {@code dataset}, {@code items}, {@code run}, {@code result}, {@code recipe}
 * (YAML), {@code command} (exit codes, progress).
 */
package dev.whetstone.artifacts;
