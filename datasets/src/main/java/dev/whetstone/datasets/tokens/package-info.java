/** From a conversation to token ids and labels, by the target model's own files. */
package dev.whetstone.datasets.tokens;
