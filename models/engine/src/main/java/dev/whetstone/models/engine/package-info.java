/**
 * Tensor side of a model: decoder, LoRA, key/value cache, generation, scoring; {@code family} reads
 * configurations, {@code hub} fetches models, {@code generation} chooses tokens, {@code schema}
 * says which may follow.
 *
 * <p>Dimension letters in shapes: {@code B} batch, {@code T} positions, {@code S} positions
 * attended to, {@code D} hidden, {@code H} heads, {@code K} key/value heads, {@code V} vocabulary,
 * {@code R} rank, {@code I}/{@code O} layer in and out, {@code N} scored positions, {@code L}
 * sequences or positions whose logits are read.
 */
package dev.whetstone.models.engine;
