class Decoder(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def ints(self: __torch__.Decoder, values: Tensor) -> List[int]:
    out = annotate(List[int], [])
    for i in range(values.size(0)):
      out.append(int(values[i].item()))
    return out
  def norm(self: __torch__.Decoder, x: Tensor, w: Tensor) -> Tensor:
    if DTYPE == 6:
      return torch.rms_norm(x, [x.size(-1)], w, EPSILON)
    wide = torch.to(x, 6)
    normed = torch.mul(wide, torch.rsqrt(torch.add(torch.mean(torch.square(wide), [-1], True), EPSILON)))
    if NORMS_FROM_ONE:
      return torch.to(torch.mul(normed, w), DTYPE)
    return torch.mul(torch.to(normed, DTYPE), torch.to(w, DTYPE))
  def embed(self: __torch__.Decoder, ids: Tensor, embedding: Tensor) -> Tensor:
    x = torch.embedding(embedding, ids)
    if EMBEDDING_SCALE == 1.:
      return x
    return torch.mul(x, torch.to(torch.full([1], EMBEDDING_SCALE, dtype=6), DTYPE))
  def turn(self: __torch__.Decoder, positions: Tensor, frequencies: Tensor) -> Tuple[Tensor, Tensor]:
    angles = torch.mul(torch.to(positions, 6).unsqueeze(1), frequencies)
    if INTERLEAVED:
      angles = torch.stack([angles, angles], 2).flatten(1)
    else:
      angles = torch.cat([angles, angles], 1)
    cos = torch.mul(torch.cos(angles), ROTARY_SCALE)
    sin = torch.mul(torch.sin(angles), ROTARY_SCALE)
    return (torch.to(cos, DTYPE), torch.to(sin, DTYPE))
  def rotate(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    rotated = torch.slice(x, -1, 0, ROTATED)
    if INTERLEAVED:
      pairs = rotated.unflatten(-1, [ROTATED // 2, 2])
      turned = torch.stack([torch.neg(torch.select(pairs, -1, 1)), torch.select(pairs, -1, 0)], -1).flatten(-2)
    else:
      halves = torch.chunk(rotated, 2, -1)
      turned = torch.cat([torch.neg(halves[1]), halves[0]], -1)
    rotated = torch.add(torch.mul(rotated, cos), torch.mul(turned, sin))
    if ROTATED == HEAD_SIZE:
      return rotated
    return torch.cat([rotated, torch.slice(x, -1, ROTATED)], -1)
  def repeat(self: __torch__.Decoder, x: Tensor) -> Tensor:
    if HEADS == KEY_HEADS:
      return x
    return x.unsqueeze(1).expand([x.size(0), HEADS // KEY_HEADS, x.size(1), x.size(2)]).reshape([HEADS, x.size(1), x.size(2)])
  def dense(self: __torch__.Decoder, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
    return DENSE
  def linear(self: __torch__.Decoder, x: Tensor, w: List[Tensor], matrix: int, bias: int) -> Tensor:
    b = annotate(Optional[Tensor], None)
    if w[bias].numel() > 0:
      b = w[bias]
    return self.dense(x, w[matrix], b)
  def activate(self: __torch__.Decoder, x: Tensor) -> Tensor:
    if ACTIVATION == SILU:
      return torch.silu(x)
    if ACTIVATION == GELU_TANH:
      return torch.gelu(x, approximate="tanh")
    return torch.gelu(x)
  def gated(self: __torch__.Decoder, x: Tensor, gate: Tensor, up: Tensor, down: Tensor) -> Tensor:
    return self.dense(torch.mul(self.activate(self.dense(x, gate, None)), self.dense(x, up, None)), down, None)
  def experts(self: __torch__.Decoder, x: Tensor, w: List[Tensor]) -> Tensor:
    shares, chosen = torch.topk(torch.softmax(self.dense(x, w[ROUTER], None), -1, dtype=6), EXPERTS_PER_TOKEN, -1)
    if NORMALISED:
      shares = torch.div(shares, torch.sum(shares, [-1], True))
    shares = torch.to(shares, DTYPE).flatten()
    chosen = chosen.flatten()
    order = torch.argsort(chosen)
    counts = torch.bincount(chosen, minlength=EXPERTS)
    out = torch.zeros_like(x)
    start = 0
    for e in range(EXPERTS):
      n = int(counts[e].item())
      if n > 0:
        places = torch.slice(order, 0, start, start + n)
        tokens = torch.floor_divide(places, EXPERTS_PER_TOKEN)
        y = self.gated(torch.index_select(x, 0, tokens), w[EXPERT_GATE][e], w[EXPERT_UP][e], w[EXPERT_DOWN][e])
        a = torch.index_add_(out, 0, tokens, torch.mul(y, torch.index_select(shares, 0, places).unsqueeze(1)))
        start = start + n
    return out
  def feed(self: __torch__.Decoder, x: Tensor, w: List[Tensor]) -> Tensor:
    if w[ROUTER].numel() == 0:
      g = self.linear(x, w, GATE, GATE_BIAS)
      if ACTIVATION == SILU:
        g = torch.mul_(torch.silu_(g), self.linear(x, w, UP, UP_BIAS))
      else:
        g = torch.mul(self.activate(g), self.linear(x, w, UP, UP_BIAS))
      return self.linear(g, w, DOWN, DOWN_BIAS)
    y = self.experts(x, w)
    if w[SHARED_SWITCH].numel() == 0:
      return y
    shared = self.gated(x, w[SHARED_GATE], w[SHARED_UP], w[SHARED_DOWN])
    return torch.add(y, torch.mul(torch.sigmoid(self.dense(x, w[SHARED_SWITCH], None)), shared))
  def enter(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor]:
    h = self.norm(x, w[INPUT_NORM])
    q = self.linear(h, w, QUERY, QUERY_BIAS).view([-1, HEADS, HEAD_SIZE])
    k = self.linear(h, w, KEY, KEY_BIAS).view([-1, KEY_HEADS, HEAD_SIZE])
    v = self.linear(h, w, VALUE, VALUE_BIAS).view([-1, KEY_HEADS, HEAD_SIZE])
    if w[QUERY_NORM].numel() > 0:
      q = self.norm(q, w[QUERY_NORM])
      k = self.norm(k, w[KEY_NORM])
    return (self.rotate(q.transpose(0, 1), cos, sin), self.rotate(k.transpose(0, 1), cos, sin), v.transpose(0, 1))
  def attend(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    if SCORE_CAP == 0.:
      if mask.numel() == 0:
        return torch.scaled_dot_product_attention(q, k, v, None, 0., True, scale=SCORE_SCALE)
      return torch.scaled_dot_product_attention(q, k, v, torch.to(mask, DTYPE), 0., False, scale=SCORE_SCALE)
    scores = torch.mul(torch.matmul(q, k.transpose(-2, -1)), SCORE_SCALE)
    scores = torch.mul(torch.tanh(torch.div(scores, SCORE_CAP)), SCORE_CAP)
    if mask.numel() == 0:
      mask = self.causal(q.size(-2))
    scores = torch.add(scores, torch.to(mask, DTYPE))
    return torch.matmul(torch.to(torch.softmax(scores, -1, dtype=6), DTYPE), v)
  def flash(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tuple[Tensor, Tensor]:
    if mask.numel() == 0:
      return torch._scaled_dot_product_flash_attention_for_cpu(q, k, v, 0., True, attn_mask=None, scale=SCORE_SCALE)
    return torch._scaled_dot_product_flash_attention_for_cpu(q, k, v, 0., False, attn_mask=torch.to(mask, DTYPE), scale=SCORE_SCALE)
  def far(self: __torch__.Decoder, q: Tensor, pk: Tensor, pv: Tensor) -> Tuple[Tensor, Tensor]:
    grouped = q.reshape([1, KEY_HEADS, -1, HEAD_SIZE])
    o, l = torch._scaled_dot_product_flash_attention_for_cpu(grouped, pk.unsqueeze(0), pv.unsqueeze(0), 0., False, attn_mask=None, scale=SCORE_SCALE)
    return (o.reshape([HEADS, -1, HEAD_SIZE]), l.reshape([HEADS, -1, 1]))
  def join(self: __torch__.Decoder, a: Tensor, la: Tensor, b: Tensor, lb: Tensor) -> Tensor:
    return torch.lerp(a, b, torch.to(torch.sigmoid(torch.sub(lb, la)), DTYPE))
  def branches(self: __torch__.Decoder, q: Tensor, k: Tensor, v: Tensor, mask: Tensor, parts: List[int], pk: Tensor, pv: Tensor) -> Tensor:
    os = annotate(List[Tensor], [])
    ls = annotate(List[Tensor], [])
    start = 0
    for i in range(len(parts)):
      end = start + parts[i]
      own = mask
      if mask.numel() > 0:
        own = torch.slice(torch.slice(mask, 0, start, end), 1, start, end)
      o, l = self.flash(torch.slice(q, 1, start, end).unsqueeze(0), torch.slice(k, 1, start, end).unsqueeze(0), torch.slice(v, 1, start, end).unsqueeze(0), own)
      os.append(o.squeeze(0))
      ls.append(l.reshape([HEADS, -1, 1]))
      start = end
    o = torch.cat(os, 1)
    if pk.size(1) == 0:
      return o
    far, lf = self.far(q, pk, pv)
    return self.join(o, torch.cat(ls, 1), far, lf)
  def leave(self: __torch__.Decoder, x: Tensor, o: Tensor, w: List[Tensor]) -> Tensor:
    o = self.linear(o, w, OUTPUT, OUTPUT_BIAS)
    if w[ATTENTION_NORM].numel() > 0:
      o = self.norm(o, w[ATTENTION_NORM])
    x = torch.add(x, o)
    y = self.feed(self.norm(x, w[FEED_NORM]), w)
    if w[OUT_NORM].numel() > 0:
      y = self.norm(y, w[OUT_NORM])
    return torch.add(x, y)
  def cap(self: __torch__.Decoder, logits: Tensor) -> Tensor:
    if LOGIT_CAP == 0.:
      return logits
    return torch.mul(torch.tanh(torch.div(logits, LOGIT_CAP)), LOGIT_CAP)
  def causal(self: __torch__.Decoder, length: int) -> Tensor:
    return torch.triu(torch.full([length, length], -inf, dtype=6), 1)
  def near(self: __torch__.Decoder, mask: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    return torch.masked_fill(mask, torch.ge(torch.sub(rows.unsqueeze(1), columns.unsqueeze(0)), WINDOW), -inf)
  def tree(self: __torch__.Decoder, ids: Tensor, positions: Tensor, mask: Tensor, parts: Tensor, pk: Tensor, pv: Tensor, at: Tensor, rows: Tensor, targets: Tensor, wanted: Tensor, frequencies: Tensor, embedding: Tensor, final: Tensor, head: Tensor, W: List[Tensor], sizes: Tensor) -> List[Tensor]:
    windows = annotate(List[bool], WINDOWED)
    chunk = int(sizes[0].item())
    keep = int(sizes[1].item())
    cos, sin = self.turn(positions, frequencies)
    x = self.embed(ids, embedding)
    T = x.size(0)
    P = pk.size(2)
    lengths = self.ints(parts)
    seen = mask
    near = mask
    if len(lengths) == 0 and mask.numel() > 0:
      seen = torch.cat([torch.zeros([T, P], dtype=6), mask], 1)
      near = seen
      if WINDOW > 0:
        near = self.near(seen, positions, torch.cat([torch.arange(P), positions], 0))
    ks = annotate(List[Tensor], [])
    vs = annotate(List[Tensor], [])
    for i in range(LAYERS):
      w = W[i * SLOTS:(i + 1) * SLOTS]
      q, k, v = self.enter(x, cos, sin, w)
      ak = k
      av = v
      if P > 0 and (keep == 2 or len(lengths) == 0):
        ak = torch.cat([pk[i], k], 1)
        av = torch.cat([pv[i], v], 1)
      if keep == 1:
        ks.append(k)
        vs.append(v)
      if keep == 2:
        ks.append(ak)
        vs.append(av)
      last = i + 1 == LAYERS
      if not last or at.size(0) > 0:
        if len(lengths) > 0:
          o = self.branches(q, self.repeat(k), self.repeat(v), mask, lengths, pk[i], pv[i])
        else:
          visible = seen
          if windows[i]:
            visible = near
          o = self.attend(q.unsqueeze(0), self.repeat(ak).unsqueeze(0), self.repeat(av).unsqueeze(0), visible).squeeze(0)
        o = o.transpose(0, 1).reshape([T, -1])
        if last:
          o = torch.index_select(o, 0, at)
          x = torch.index_select(x, 0, at)
        x = self.leave(x, o, w)
    x = self.norm(x, final)
    N = at.size(0)
    chosen = annotate(List[Tensor], [torch.zeros([0], dtype=6)])
    best = annotate(List[Tensor], [torch.zeros([0], dtype=4)])
    asked = annotate(List[Tensor], [torch.zeros([0, head.size(0)], dtype=6)])
    for j in range((N + chunk - 1) // chunk):
      logits = self.cap(self.dense(torch.slice(x, 0, j * chunk, (j + 1) * chunk), head, None))
      whole = torch.logical_and(torch.ge(wanted, j * chunk), torch.lt(wanted, (j + 1) * chunk))
      asked.append(torch.to(torch.index_select(logits, 0, torch.sub(torch.masked_select(wanted, whole), j * chunk)), 6))
      if DTYPE != 6:
        logits = torch.log_softmax(logits, 1)
      best.append(torch.argmax(logits, 1))
      mine = torch.logical_and(torch.ge(rows, j * chunk), torch.lt(rows, (j + 1) * chunk))
      row = torch.sub(torch.masked_select(rows, mine), j * chunk)
      scores = torch.to(torch.index(logits, annotate(List[Optional[Tensor]], [row, torch.masked_select(targets, mine)])), 6)
      if DTYPE == 6:
        scores = torch.sub(scores, torch.index_select(torch.logsumexp(logits, [1]), 0, row))
      chosen.append(scores)
    if keep == 0:
      return [torch.cat(chosen, 0), torch.cat(best, 0), torch.cat(asked, 0)]
    return [torch.cat(chosen, 0), torch.cat(best, 0), torch.cat(asked, 0), torch.stack(ks, 0), torch.stack(vs, 0)]
  def place(self: __torch__.Decoder, columns: Tensor, kept: Tensor, cache: Tensor, sizes: Tensor) -> List[Tensor]:
    line = torch.select(cache, 1, int(sizes[0].item()))
    a = torch.copy_(torch.slice(line, 2, 0, columns.size(0)), torch.index_select(kept, 2, columns))
    b = torch.zero_(torch.slice(line, 2, columns.size(0), int(sizes[1].item())))
    return [columns]
  def move(self: __torch__.Decoder, sizes: Tensor, cache: Tensor) -> List[Tensor]:
    filled = int(sizes[2].item())
    line = torch.slice(torch.select(cache, 1, int(sizes[0].item())), 2, 0, filled)
    a = torch.copy_(torch.slice(torch.select(cache, 1, int(sizes[1].item())), 2, 0, filled), line)
    return [sizes]
  def grow(self: __torch__.Decoder, sizes: Tensor, cache: Tensor) -> List[Tensor]:
    B = int(sizes[0].item())
    filled = int(sizes[1].item())
    grown = torch.empty([cache.size(0), B, cache.size(2), int(sizes[2].item()), cache.size(4)], dtype=DTYPE)
    a = torch.copy_(torch.slice(grown, 3, 0, filled), torch.slice(torch.slice(cache, 1, 0, B), 3, 0, filled))
    return [grown]
  def step(self: __torch__.Decoder, ids: Tensor, positions: Tensor, mask: Tensor, near: Tensor, pk: Tensor, pv: Tensor, ck: Tensor, cv: Tensor, wanted: Tensor, frequencies: Tensor, embedding: Tensor, final: Tensor, head: Tensor, W: List[Tensor], sizes: Tensor) -> List[Tensor]:
    windows = annotate(List[bool], WINDOWED)
    filled = int(sizes[0].item())
    B = ids.size(0)
    P = pk.size(2)
    cos, sin = self.turn(positions, frequencies)
    x = self.embed(ids, embedding)
    apart = SCORE_CAP == 0. and near.numel() == 0
    seen = mask
    if P > 0 and not apart:
      seen = torch.cat([torch.zeros([B, 1, 1, P], dtype=6), mask], 3)
    for i in range(LAYERS):
      w = W[i * SLOTS:(i + 1) * SLOTS]
      q, nk, nv = self.enter(x, cos, sin, w)
      k = torch.slice(torch.slice(ck[i], 0, 0, B), 2, 0, filled + 1)
      v = torch.slice(torch.slice(cv[i], 0, 0, B), 2, 0, filled + 1)
      a = torch.copy_(torch.select(k, 2, filled), nk.transpose(0, 1))
      b = torch.copy_(torch.select(v, 2, filled), nv.transpose(0, 1))
      grouped = q.view([KEY_HEADS, HEADS // KEY_HEADS, B, HEAD_SIZE]).permute([2, 0, 1, 3])
      if apart:
        o, l = self.flash(grouped, k, v, seen)
        if P > 0:
          far, lf = self.far(q, pk[i], pv[i])
          far = far.view([KEY_HEADS, HEADS // KEY_HEADS, B, HEAD_SIZE]).permute([2, 0, 1, 3])
          lf = lf.view([KEY_HEADS, HEADS // KEY_HEADS, B, 1]).permute([2, 0, 1, 3])
          o = self.join(o, l.reshape([B, KEY_HEADS, HEADS // KEY_HEADS, 1]), far, lf)
      else:
        if P > 0:
          k = torch.cat([pk[i].unsqueeze(0).expand([B, KEY_HEADS, P, HEAD_SIZE]), k], 2)
          v = torch.cat([pv[i].unsqueeze(0).expand([B, KEY_HEADS, P, HEAD_SIZE]), v], 2)
        visible = seen
        if windows[i] and near.numel() > 0:
          visible = near
        o = self.attend(grouped, k, v, visible)
      x = self.leave(x, o.reshape([B, -1]), w)
    logits = self.cap(self.dense(self.norm(x, final), head, None))
    return [torch.argmax(logits, 1), torch.to(torch.index_select(logits, 0, wanted), 6)]
  def allocate(self: __torch__.Decoder, sizes: Tensor) -> List[Tensor]:
    return [torch.empty(self.ints(sizes), dtype=DTYPE)]
  def rows(self: __torch__.Decoder, array: Tensor) -> Tensor:
    if array.dim() == 1:
      return array.unsqueeze(1)
    if array.dim() == 3:
      return array.flatten(0, 1)
    return array
  def fill(self: __torch__.Decoder, values: Tensor, array: Tensor, sizes: Tensor) -> List[Tensor]:
    rows = self.rows(array)
    own = values.view([-1, rows.size(1)])
    at = int(sizes[0].item()) // rows.size(1)
    a = torch.copy_(torch.slice(rows, 0, at, at + own.size(0)), own)
    return [values]
  def merge(self: __torch__.Decoder, values: Tensor, array: Tensor, sizes: Tensor, reals: Tensor) -> List[Tensor]:
    rows = self.rows(array)
    first = int(sizes[0].item()) // rows.size(1)
    at = int(sizes[1].item()) // rows.size(1)
    count = int(sizes[2].item()) // rows.size(1)
    a = torch.add_(torch.slice(rows, 0, at, at + count), torch.slice(values, 0, first, first + count), alpha=float(reals[0].item()))
    return [values]
  def stretch(self: __torch__.Decoder, lengths: Tensor, array: Tensor, sizes: Tensor) -> List[Tensor]:
    rows = self.rows(array)
    first = int(sizes[0].item()) // rows.size(1)
    at = int(sizes[1].item()) // rows.size(1)
    count = int(sizes[2].item()) // rows.size(1)
    own = torch.slice(rows, 0, at, at + count)
    norms = torch.linalg_vector_norm(own, 2, [1], True)
    a = torch.mul_(own, torch.div(torch.slice(lengths, 0, first, first + count).unsqueeze(1), norms))
    return [lengths]
