// Bodies of loops as passes of their own; fused.h says what they are.
//
// Printed by FusedTest from the programs of HotPrograms: edit those, and
// -Dcredence.golden=write prints this file anew.
#include "prelude_c.h"
#include "math.h"
#include "philox.h"
#include "loops.h"

#include "fused.h"

static void normal(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x1 = f->r[u->r[0]];
  const f32 *x0 = f->r[u->r[1]];
  f32 *y4 = f->r[u->r[2]];
  struct drawing o2 = drawing(u->draw[0], f->r[u->params], f);
  FUSED_ROOM(f32, d2);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(&o2, n - i);
    fused_ahead(x1 + i, n);
    fused_ahead(x0 + i, n);
    normal_next(&o2, d2, m);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v1 = x1[i + j];
      const f32 v2 = (f32)d2[j];
      const f32 v3 = v1 * v2;
      const f32 v4 = v0 + v3;
      y4[i + j] = v4;
    }
  }
}

static void normal_weights(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x1 = f->r[u->r[0]];
  const f32 *x0 = f->r[u->r[1]];
  f32 *y5 = f->r[u->r[2]];
  struct drawing o3 = drawing(u->draw[0], f->r[u->params], f);
  FUSED_ROOM(f32, d3);
  FUSED_ROOM(f32, t2);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(&o3, n - i);
    fused_ahead(x1 + i, n);
    fused_ahead(x0 + i, n);
    normal_next(&o3, d3, m);
    RUN_OVER(m) {
      const f32 v1 = x1[i + j];
      const f32 v2 = cr_softplus(v1);
      t2[j] = v2;
    }
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v2 = t2[j];
      const f32 v3 = (f32)d3[j];
      const f32 v4 = v2 * v3;
      const f32 v5 = v0 + v4;
      y5[i + j] = v5;
    }
  }
}

static void normal_weights_kl(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x3 = f->r[u->r[1]];
  const f32 v6 = *(const f32 *)f->r[u->r[2]];
  const f32 v8 = *(const f32 *)f->r[u->r[3]];
  f32 *y11 = f->r[u->r[4]];
  f32 *y14 = f->r[u->r[5]];
  struct drawing o12 = drawing(u->draw[0], f->r[u->params], f);
  FUSED_ROOM(f32, d12);
  FUSED_ROOM(f32, t1);
  FUSED_ROOM(f32, t10);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(&o12, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x3 + i, n);
    normal_next(&o12, d12, m);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v1 = cr_softplus(v0);
      t1[j] = v1;
    }
    RUN_OVER(m) {
      const f32 v1 = t1[j];
      const f32 v10 = cr_log(v1);
      t10[j] = v10;
    }
    RUN_OVER(m) {
      const f32 v1 = t1[j];
      const f32 v3 = x3[i + j];
      const f32 v10 = t10[j];
      const f32 v12 = (f32)d12[j];
      const f32 v2 = v1 * v1;
      const f32 v4 = v3 * v3;
      const f32 v5 = v2 + v4;
      const f32 v7 = v5 - v6;
      const f32 v9 = v7 * v8;
      const f32 v11 = v9 - v10;
      const f32 v13 = v1 * v12;
      const f32 v14 = v3 + v13;
      y11[i + j] = v11;
      y14[i + j] = v14;
    }
  }
}

static void normal_variance_kl(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x3 = f->r[u->r[1]];
  const f32 v6 = *(const f32 *)f->r[u->r[2]];
  const f32 v8 = *(const f32 *)f->r[u->r[3]];
  f32 *y11 = f->r[u->r[4]];
  f32 *y2 = f->r[u->r[5]];
  FUSED_ROOM(f32, t1);
  FUSED_ROOM(f32, t10);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x3 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v1 = cr_softplus(v0);
      t1[j] = v1;
    }
    RUN_OVER(m) {
      const f32 v1 = t1[j];
      const f32 v10 = cr_log(v1);
      t10[j] = v10;
    }
    RUN_OVER(m) {
      const f32 v1 = t1[j];
      const f32 v3 = x3[i + j];
      const f32 v10 = t10[j];
      const f32 v2 = v1 * v1;
      const f32 v4 = v3 * v3;
      const f32 v5 = v2 + v4;
      const f32 v7 = v5 - v6;
      const f32 v9 = v7 * v8;
      const f32 v11 = v9 - v10;
      y11[i + j] = v11;
      y2[i + j] = v2;
    }
  }
}

static void normal_kl(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x3 = f->r[u->r[1]];
  const f32 v6 = *(const f32 *)f->r[u->r[2]];
  const f32 v8 = *(const f32 *)f->r[u->r[3]];
  f32 *y11 = f->r[u->r[4]];
  FUSED_ROOM(f32, t1);
  FUSED_ROOM(f32, t10);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x3 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v1 = cr_softplus(v0);
      t1[j] = v1;
    }
    RUN_OVER(m) {
      const f32 v1 = t1[j];
      const f32 v10 = cr_log(v1);
      t10[j] = v10;
    }
    RUN_OVER(m) {
      const f32 v1 = t1[j];
      const f32 v3 = x3[i + j];
      const f32 v10 = t10[j];
      const f32 v2 = v1 * v1;
      const f32 v4 = v3 * v3;
      const f32 v5 = v2 + v4;
      const f32 v7 = v5 - v6;
      const f32 v9 = v7 * v8;
      const f32 v11 = v9 - v10;
      y11[i + j] = v11;
    }
  }
}

static void normal_kl_gradients(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x3 = f->r[u->r[1]];
  const f32 v6 = *(const f32 *)f->r[u->r[2]];
  const f32 v8 = *(const f32 *)f->r[u->r[3]];
  const f32 v13 = *(const f32 *)f->r[u->r[4]];
  const f32 v15 = *(const f32 *)f->r[u->r[5]];
  f32 *y11 = f->r[u->r[6]];
  f32 *y14 = f->r[u->r[7]];
  f32 *y21 = f->r[u->r[8]];
  FUSED_ROOM(f32, t1);
  FUSED_ROOM(f32, t10);
  FUSED_ROOM(f32, t20);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x3 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v1 = cr_softplus(v0);
      const f32 v20 = cr_sigmoid(v0);
      t1[j] = v1;
      t20[j] = v20;
    }
    RUN_OVER(m) {
      const f32 v1 = t1[j];
      const f32 v10 = cr_log(v1);
      t10[j] = v10;
    }
    RUN_OVER(m) {
      const f32 v1 = t1[j];
      const f32 v3 = x3[i + j];
      const f32 v10 = t10[j];
      const f32 v20 = t20[j];
      const f32 v2 = v1 * v1;
      const f32 v4 = v3 * v3;
      const f32 v5 = v2 + v4;
      const f32 v7 = v5 - v6;
      const f32 v9 = v7 * v8;
      const f32 v11 = v9 - v10;
      const f32 v12 = v8 * v3;
      const f32 v14 = v12 * v13;
      const f32 v16 = v15 / v1;
      const f32 v17 = v8 * v1;
      const f32 v18 = v17 * v13;
      const f32 v19 = v16 + v18;
      const f32 v21 = v19 * v20;
      y11[i + j] = v11;
      y14[i + j] = v14;
      y21[i + j] = v21;
    }
  }
}

static void dropout(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x3 = f->r[u->r[0]];
  const i32 v1 = *(const i32 *)f->r[u->r[1]];
  const f32 v4 = *(const f32 *)f->r[u->r[2]];
  const f32 v6 = *(const f32 *)f->r[u->r[3]];
  f32 *y7 = f->r[u->r[4]];
  struct drawing o0 = drawing(u->draw[0], f->r[u->params], f);
  FUSED_ROOM(u32, d0);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(&o0, n - i);
    fused_ahead(x3 + i, n);
    bits_next(&o0, d0, m);
    RUN_OVER(m) {
      const i32 v0 = (i32)d0[j];
      const f32 v3 = x3[i + j];
      const i32 v2 = cr_ult_i32(v0, v1);
      const f32 v5 = v3 * v4;
      const f32 v7 = v2 != 0 ? v5 : v6;
      y7[i + j] = v7;
    }
  }
}

static void dropout_gradient(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x3 = f->r[u->r[0]];
  const i32 v1 = *(const i32 *)f->r[u->r[1]];
  const f32 v4 = *(const f32 *)f->r[u->r[2]];
  const f32 v6 = *(const f32 *)f->r[u->r[3]];
  f32 *y7 = f->r[u->r[4]];
  struct drawing o0 = drawing(u->draw[0], f->r[u->params], f);
  FUSED_ROOM(u32, d0);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(&o0, n - i);
    fused_ahead(x3 + i, n);
    bits_next(&o0, d0, m);
    RUN_OVER(m) {
      const i32 v0 = (i32)d0[j];
      const f32 v3 = x3[i + j];
      const i32 v2 = cr_ult_i32(v0, v1);
      const f32 v5 = v2 != 0 ? v3 : v4;
      const f32 v7 = v5 * v6;
      y7[i + j] = v7;
    }
  }
}

static void relu_dropout(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x3 = f->r[u->r[0]];
  const f32 *x4 = f->r[u->r[1]];
  const i32 v1 = *(const i32 *)f->r[u->r[2]];
  const f32 v6 = *(const f32 *)f->r[u->r[3]];
  const f32 v8 = *(const f32 *)f->r[u->r[4]];
  f32 *y10 = f->r[u->r[5]];
  struct drawing o0 = drawing(u->draw[0], f->r[u->params], f);
  FUSED_ROOM(u32, d0);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(&o0, n - i);
    fused_ahead(x3 + i, n);
    fused_ahead(x4 + i, n);
    bits_next(&o0, d0, m);
    RUN_OVER(m) {
      const i32 v0 = (i32)d0[j];
      const f32 v3 = x3[i + j];
      const f32 v4 = x4[i + j];
      const i32 v2 = cr_ult_i32(v0, v1);
      const f32 v5 = v3 + v4;
      const f32 v7 = cr_max(v5, v6);
      const f32 v9 = v7 * v8;
      const f32 v10 = v2 != 0 ? v9 : v6;
      y10[i + j] = v10;
    }
  }
}

static void relu_dropout_gradient(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x1 = f->r[u->r[0]];
  const f32 *x2 = f->r[u->r[1]];
  const f32 *x9 = f->r[u->r[2]];
  const f32 v0 = *(const f32 *)f->r[u->r[3]];
  const i32 v7 = *(const i32 *)f->r[u->r[4]];
  const f32 v11 = *(const f32 *)f->r[u->r[5]];
  f32 *y13 = f->r[u->r[6]];
  struct drawing o6 = drawing(u->draw[0], f->r[u->params], f);
  FUSED_ROOM(u32, d6);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(&o6, n - i);
    fused_ahead(x1 + i, n);
    fused_ahead(x2 + i, n);
    fused_ahead(x9 + i, n);
    bits_next(&o6, d6, m);
    RUN_OVER(m) {
      const f32 v1 = x1[i + j];
      const f32 v2 = x2[i + j];
      const i32 v6 = (i32)d6[j];
      const f32 v9 = x9[i + j];
      const f32 v3 = v1 + v2;
      const f32 v4 = cr_max(v3, v0);
      const i32 v5 = v0 < v4;
      const i32 v8 = cr_ult_i32(v6, v7);
      const f32 v10 = v8 != 0 ? v9 : v0;
      const f32 v12 = v10 * v11;
      const f32 v13 = v5 != 0 ? v12 : v0;
      y13[i + j] = v13;
    }
  }
}

static void relu(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x1 = f->r[u->r[1]];
  const f32 v3 = *(const f32 *)f->r[u->r[2]];
  f32 *y4 = f->r[u->r[3]];
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x1 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v1 = x1[i + j];
      const f32 v2 = v0 + v1;
      const f32 v4 = cr_max(v2, v3);
      y4[i + j] = v4;
    }
  }
}

static void relu_gradient(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x1 = f->r[u->r[0]];
  const f32 *x3 = f->r[u->r[1]];
  const f32 v0 = *(const f32 *)f->r[u->r[2]];
  f32 *y4 = f->r[u->r[3]];
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x1 + i, n);
    fused_ahead(x3 + i, n);
    RUN_OVER(m) {
      const f32 v1 = x1[i + j];
      const f32 v3 = x3[i + j];
      const i32 v2 = v0 < v1;
      const f32 v4 = v2 != 0 ? v3 : v0;
      y4[i + j] = v4;
    }
  }
}

static void drawn_outputs(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x1 = f->r[u->r[1]];
  const f32 *x3 = f->r[u->r[2]];
  const f32 *x4 = f->r[u->r[3]];
  const f32 v6 = *(const f32 *)f->r[u->r[4]];
  const f32 v12 = *(const f32 *)f->r[u->r[5]];
  f32 *y13 = f->r[u->r[6]];
  f32 *y14 = f->r[u->r[7]];
  struct drawing o9 = drawing(u->draw[0], f->r[u->params], f);
  FUSED_ROOM(f32, d9);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(&o9, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x1 + i, n);
    fused_ahead(x3 + i, n);
    fused_ahead(x4 + i, n);
    normal_next(&o9, d9, m);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v1 = x1[i + j];
      const f32 v3 = x3[i + j];
      const f32 v4 = x4[i + j];
      const f32 v9 = (f32)d9[j];
      const f32 v2 = v0 + v1;
      const f32 v5 = v3 + v4;
      const f32 v7 = v5 + v6;
      const f32 v8 = cr_sqrt(v7);
      const f32 v10 = v8 * v9;
      const f32 v11 = v2 + v10;
      const f32 v13 = cr_max(v11, v12);
      const f32 v14 = v13 * v13;
      y13[i + j] = v13;
      y14[i + j] = v14;
    }
  }
}

static void drawn_outputs_gradients_1(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x3 = f->r[u->r[1]];
  const f32 v1 = *(const f32 *)f->r[u->r[2]];
  f32 *y2 = f->r[u->r[3]];
  f32 *y4 = f->r[u->r[4]];
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x3 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v3 = x3[i + j];
      const f32 v2 = v0 * v1;
      const f32 v4 = v3 * v1;
      y2[i + j] = v2;
      y4[i + j] = v4;
    }
  }
}

static void drawn_outputs_gradients_2(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x1 = f->r[u->r[0]];
  const f32 *x3 = f->r[u->r[1]];
  const f32 *x7 = f->r[u->r[2]];
  const f32 *x14 = f->r[u->r[3]];
  const f32 *x15 = f->r[u->r[4]];
  const f32 v0 = *(const f32 *)f->r[u->r[5]];
  const f32 v5 = *(const f32 *)f->r[u->r[6]];
  const f32 v12 = *(const f32 *)f->r[u->r[7]];
  const f32 v17 = *(const f32 *)f->r[u->r[8]];
  f32 *y9 = f->r[u->r[9]];
  f32 *y20 = f->r[u->r[10]];
  struct drawing o10 = drawing(u->draw[0], f->r[u->params], f);
  FUSED_ROOM(f32, d10);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(&o10, n - i);
    fused_ahead(x1 + i, n);
    fused_ahead(x3 + i, n);
    fused_ahead(x7 + i, n);
    fused_ahead(x14 + i, n);
    fused_ahead(x15 + i, n);
    normal_next(&o10, d10, m);
    RUN_OVER(m) {
      const f32 v1 = x1[i + j];
      const f32 v3 = x3[i + j];
      const f32 v7 = x7[i + j];
      const f32 v10 = (f32)d10[j];
      const f32 v14 = x14[i + j];
      const f32 v15 = x15[i + j];
      const i32 v2 = v0 < v1;
      const f32 v4 = v3 * v1;
      const f32 v6 = v4 * v5;
      const f32 v8 = v6 + v7;
      const f32 v9 = v2 != 0 ? v8 : v0;
      const f32 v11 = v9 * v10;
      const f32 v13 = v11 * v12;
      const f32 v16 = v14 + v15;
      const f32 v18 = v16 + v17;
      const f32 v19 = cr_sqrt(v18);
      const f32 v20 = v13 / v19;
      y9[i + j] = v9;
      y20[i + j] = v20;
    }
  }
}

static void bernoulli_loss(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x1 = f->r[u->r[1]];
  const f32 *x4 = f->r[u->r[2]];
  const f32 v8 = *(const f32 *)f->r[u->r[3]];
  const f32 v7 = *(const f32 *)f->r[u->r[4]];
  f32 *y6 = f->r[u->r[5]];
  f32 *y12 = f->r[u->r[6]];
  FUSED_ROOM(f32, t2);
  FUSED_ROOM(f32, t3);
  FUSED_ROOM(f32, t10);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x1 + i, n);
    fused_ahead(x4 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v1 = x1[i + j];
      const f32 v2 = v0 + v1;
      const f32 v3 = cr_softplus(v2);
      const f32 v10 = cr_sigmoid(v2);
      t2[j] = v2;
      t3[j] = v3;
      t10[j] = v10;
    }
    RUN_OVER(m) {
      const f32 v2 = t2[j];
      const f32 v3 = t3[j];
      const f32 v4 = x4[i + j];
      const f32 v10 = t10[j];
      const f32 v5 = v2 * v4;
      const f32 v6 = v3 - v5;
      const f32 v9 = v8 * v4;
      const f32 v11 = v7 * v10;
      const f32 v12 = v9 + v11;
      y6[i + j] = v6;
      y12[i + j] = v12;
    }
  }
}

static void adam(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x3 = f->r[u->r[1]];
  const f32 *x7 = f->r[u->r[2]];
  const f32 *x14 = f->r[u->r[3]];
  const f32 v1 = *(const f32 *)f->r[u->r[4]];
  const f32 v4 = *(const f32 *)f->r[u->r[5]];
  const f32 v8 = *(const f32 *)f->r[u->r[6]];
  const f32 v11 = *(const f32 *)f->r[u->r[7]];
  const f32 v15 = *(const f32 *)f->r[u->r[8]];
  const f32 v18 = *(const f32 *)f->r[u->r[9]];
  const f32 v20 = *(const f32 *)f->r[u->r[10]];
  f32 *y6 = f->r[u->r[11]];
  f32 *y13 = f->r[u->r[12]];
  f32 *y23 = f->r[u->r[13]];
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x3 + i, n);
    fused_ahead(x7 + i, n);
    fused_ahead(x14 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v3 = x3[i + j];
      const f32 v7 = x7[i + j];
      const f32 v14 = x14[i + j];
      const f32 v2 = v0 * v1;
      const f32 v5 = v3 * v4;
      const f32 v6 = v2 + v5;
      const f32 v9 = v7 * v8;
      const f32 v10 = v3 * v3;
      const f32 v12 = v10 * v11;
      const f32 v13 = v9 + v12;
      const f32 v16 = v15 * v6;
      const f32 v17 = cr_sqrt(v13);
      const f32 v19 = v17 * v18;
      const f32 v21 = v19 + v20;
      const f32 v22 = v16 / v21;
      const f32 v23 = v14 - v22;
      y6[i + j] = v6;
      y13[i + j] = v13;
      y23[i + j] = v23;
    }
  }
}

static void adam_means(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x4 = f->r[u->r[1]];
  const f32 *x8 = f->r[u->r[2]];
  const f32 *x13 = f->r[u->r[3]];
  const f32 v1 = *(const f32 *)f->r[u->r[4]];
  const f32 v3 = *(const f32 *)f->r[u->r[5]];
  const f32 v6 = *(const f32 *)f->r[u->r[6]];
  const f32 v10 = *(const f32 *)f->r[u->r[7]];
  const f32 v14 = *(const f32 *)f->r[u->r[8]];
  const f32 v17 = *(const f32 *)f->r[u->r[9]];
  const f32 v20 = *(const f32 *)f->r[u->r[10]];
  const f32 v23 = *(const f32 *)f->r[u->r[11]];
  const f32 v25 = *(const f32 *)f->r[u->r[12]];
  f32 *y12 = f->r[u->r[13]];
  f32 *y19 = f->r[u->r[14]];
  f32 *y28 = f->r[u->r[15]];
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x4 + i, n);
    fused_ahead(x8 + i, n);
    fused_ahead(x13 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v4 = x4[i + j];
      const f32 v8 = x8[i + j];
      const f32 v13 = x13[i + j];
      const f32 v2 = v0 * v1;
      const f32 v5 = v3 * v4;
      const f32 v7 = v5 * v6;
      const f32 v9 = v7 + v8;
      const f32 v11 = v9 * v10;
      const f32 v12 = v2 + v11;
      const f32 v15 = v13 * v14;
      const f32 v16 = v9 * v9;
      const f32 v18 = v16 * v17;
      const f32 v19 = v15 + v18;
      const f32 v21 = v20 * v12;
      const f32 v22 = cr_sqrt(v19);
      const f32 v24 = v22 * v23;
      const f32 v26 = v24 + v25;
      const f32 v27 = v21 / v26;
      const f32 v28 = v4 - v27;
      y12[i + j] = v12;
      y19[i + j] = v19;
      y28[i + j] = v28;
    }
  }
}

static void adam_drawn_deviations(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x5 = f->r[u->r[1]];
  const f32 *x15 = f->r[u->r[2]];
  const f32 *x23 = f->r[u->r[3]];
  const f32 v1 = *(const f32 *)f->r[u->r[4]];
  const f32 v4 = *(const f32 *)f->r[u->r[5]];
  const f32 v8 = *(const f32 *)f->r[u->r[6]];
  const f32 v10 = *(const f32 *)f->r[u->r[7]];
  const f32 v20 = *(const f32 *)f->r[u->r[8]];
  const f32 v24 = *(const f32 *)f->r[u->r[9]];
  const f32 v27 = *(const f32 *)f->r[u->r[10]];
  const f32 v30 = *(const f32 *)f->r[u->r[11]];
  const f32 v33 = *(const f32 *)f->r[u->r[12]];
  const f32 v35 = *(const f32 *)f->r[u->r[13]];
  f32 *y22 = f->r[u->r[14]];
  f32 *y29 = f->r[u->r[15]];
  f32 *y38 = f->r[u->r[16]];
  struct drawing o16 = drawing(u->draw[0], f->r[u->params], f);
  FUSED_ROOM(f32, d16);
  FUSED_ROOM(f32, t6);
  FUSED_ROOM(f32, t13);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(&o16, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x5 + i, n);
    fused_ahead(x15 + i, n);
    fused_ahead(x23 + i, n);
    normal_next(&o16, d16, m);
    RUN_OVER(m) {
      const f32 v5 = x5[i + j];
      const f32 v6 = cr_softplus(v5);
      const f32 v13 = cr_sigmoid(v5);
      t6[j] = v6;
      t13[j] = v13;
    }
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v5 = x5[i + j];
      const f32 v6 = t6[j];
      const f32 v13 = t13[j];
      const f32 v15 = x15[i + j];
      const f32 v16 = (f32)d16[j];
      const f32 v23 = x23[i + j];
      const f32 v2 = v0 * v1;
      const f32 v7 = v4 / v6;
      const f32 v9 = v8 * v6;
      const f32 v11 = v9 * v10;
      const f32 v12 = v7 + v11;
      const f32 v14 = v12 * v13;
      const f32 v17 = v15 * v16;
      const f32 v18 = v17 * v13;
      const f32 v19 = v14 + v18;
      const f32 v21 = v19 * v20;
      const f32 v22 = v2 + v21;
      const f32 v25 = v23 * v24;
      const f32 v26 = v19 * v19;
      const f32 v28 = v26 * v27;
      const f32 v29 = v25 + v28;
      const f32 v31 = v30 * v22;
      const f32 v32 = cr_sqrt(v29);
      const f32 v34 = v32 * v33;
      const f32 v36 = v34 + v35;
      const f32 v37 = v31 / v36;
      const f32 v38 = v5 - v37;
      y22[i + j] = v22;
      y29[i + j] = v29;
      y38[i + j] = v38;
    }
  }
}

static void adam_drawn_normals(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x4 = f->r[u->r[1]];
  const f32 *x8 = f->r[u->r[2]];
  const f32 *x13 = f->r[u->r[3]];
  const f32 *x29 = f->r[u->r[4]];
  const f32 *x33 = f->r[u->r[5]];
  const f32 *x47 = f->r[u->r[6]];
  const f32 v1 = *(const f32 *)f->r[u->r[7]];
  const f32 v3 = *(const f32 *)f->r[u->r[8]];
  const f32 v6 = *(const f32 *)f->r[u->r[9]];
  const f32 v10 = *(const f32 *)f->r[u->r[10]];
  const f32 v14 = *(const f32 *)f->r[u->r[11]];
  const f32 v17 = *(const f32 *)f->r[u->r[12]];
  const f32 v20 = *(const f32 *)f->r[u->r[13]];
  const f32 v23 = *(const f32 *)f->r[u->r[14]];
  const f32 v25 = *(const f32 *)f->r[u->r[15]];
  const f32 v32 = *(const f32 *)f->r[u->r[16]];
  f32 *y12 = f->r[u->r[17]];
  f32 *y19 = f->r[u->r[18]];
  f32 *y28 = f->r[u->r[19]];
  f32 *y46 = f->r[u->r[20]];
  f32 *y51 = f->r[u->r[21]];
  f32 *y57 = f->r[u->r[22]];
  struct drawing o41 = drawing(u->draw[0], f->r[u->params], f);
  FUSED_ROOM(f32, d41);
  FUSED_ROOM(f32, t34);
  FUSED_ROOM(f32, t39);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(&o41, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x4 + i, n);
    fused_ahead(x8 + i, n);
    fused_ahead(x13 + i, n);
    fused_ahead(x29 + i, n);
    fused_ahead(x33 + i, n);
    fused_ahead(x47 + i, n);
    normal_next(&o41, d41, m);
    RUN_OVER(m) {
      const f32 v33 = x33[i + j];
      const f32 v34 = cr_softplus(v33);
      const f32 v39 = cr_sigmoid(v33);
      t34[j] = v34;
      t39[j] = v39;
    }
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v4 = x4[i + j];
      const f32 v8 = x8[i + j];
      const f32 v13 = x13[i + j];
      const f32 v29 = x29[i + j];
      const f32 v33 = x33[i + j];
      const f32 v34 = t34[j];
      const f32 v39 = t39[j];
      const f32 v41 = (f32)d41[j];
      const f32 v47 = x47[i + j];
      const f32 v2 = v0 * v1;
      const f32 v5 = v3 * v4;
      const f32 v7 = v5 * v6;
      const f32 v9 = v7 + v8;
      const f32 v11 = v9 * v10;
      const f32 v12 = v2 + v11;
      const f32 v15 = v13 * v14;
      const f32 v16 = v9 * v9;
      const f32 v18 = v16 * v17;
      const f32 v19 = v15 + v18;
      const f32 v21 = v20 * v12;
      const f32 v22 = cr_sqrt(v19);
      const f32 v24 = v22 * v23;
      const f32 v26 = v24 + v25;
      const f32 v27 = v21 / v26;
      const f32 v28 = v4 - v27;
      const f32 v30 = v29 * v1;
      const f32 v35 = v32 / v34;
      const f32 v36 = v3 * v34;
      const f32 v37 = v36 * v6;
      const f32 v38 = v35 + v37;
      const f32 v40 = v38 * v39;
      const f32 v42 = v8 * v41;
      const f32 v43 = v42 * v39;
      const f32 v44 = v40 + v43;
      const f32 v45 = v44 * v10;
      const f32 v46 = v30 + v45;
      const f32 v48 = v47 * v14;
      const f32 v49 = v44 * v44;
      const f32 v50 = v49 * v17;
      const f32 v51 = v48 + v50;
      const f32 v52 = v20 * v46;
      const f32 v53 = cr_sqrt(v51);
      const f32 v54 = v53 * v23;
      const f32 v55 = v54 + v25;
      const f32 v56 = v52 / v55;
      const f32 v57 = v33 - v56;
      y12[i + j] = v12;
      y19[i + j] = v19;
      y28[i + j] = v28;
      y46[i + j] = v46;
      y51[i + j] = v51;
      y57[i + j] = v57;
    }
  }
}

static void adam_deviations(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x5 = f->r[u->r[1]];
  const f32 *x15 = f->r[u->r[2]];
  const f32 *x23 = f->r[u->r[3]];
  const f32 v1 = *(const f32 *)f->r[u->r[4]];
  const f32 v4 = *(const f32 *)f->r[u->r[5]];
  const f32 v8 = *(const f32 *)f->r[u->r[6]];
  const f32 v10 = *(const f32 *)f->r[u->r[7]];
  const f32 v20 = *(const f32 *)f->r[u->r[8]];
  const f32 v24 = *(const f32 *)f->r[u->r[9]];
  const f32 v27 = *(const f32 *)f->r[u->r[10]];
  const f32 v30 = *(const f32 *)f->r[u->r[11]];
  const f32 v33 = *(const f32 *)f->r[u->r[12]];
  const f32 v35 = *(const f32 *)f->r[u->r[13]];
  f32 *y22 = f->r[u->r[14]];
  f32 *y29 = f->r[u->r[15]];
  f32 *y38 = f->r[u->r[16]];
  FUSED_ROOM(f32, t6);
  FUSED_ROOM(f32, t13);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x5 + i, n);
    fused_ahead(x15 + i, n);
    fused_ahead(x23 + i, n);
    RUN_OVER(m) {
      const f32 v5 = x5[i + j];
      const f32 v6 = cr_softplus(v5);
      const f32 v13 = cr_sigmoid(v5);
      t6[j] = v6;
      t13[j] = v13;
    }
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v5 = x5[i + j];
      const f32 v6 = t6[j];
      const f32 v13 = t13[j];
      const f32 v15 = x15[i + j];
      const f32 v23 = x23[i + j];
      const f32 v2 = v0 * v1;
      const f32 v7 = v4 / v6;
      const f32 v9 = v8 * v6;
      const f32 v11 = v9 * v10;
      const f32 v12 = v7 + v11;
      const f32 v14 = v12 * v13;
      const f32 v16 = v15 * v6;
      const f32 v17 = v16 * v10;
      const f32 v18 = v17 * v13;
      const f32 v19 = v14 + v18;
      const f32 v21 = v19 * v20;
      const f32 v22 = v2 + v21;
      const f32 v25 = v23 * v24;
      const f32 v26 = v19 * v19;
      const f32 v28 = v26 * v27;
      const f32 v29 = v25 + v28;
      const f32 v31 = v30 * v22;
      const f32 v32 = cr_sqrt(v29);
      const f32 v34 = v32 * v33;
      const f32 v36 = v34 + v35;
      const f32 v37 = v31 / v36;
      const f32 v38 = v5 - v37;
      y22[i + j] = v22;
      y29[i + j] = v29;
      y38[i + j] = v38;
    }
  }
}

static void adam_layer(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x3 = f->r[u->r[1]];
  const f32 *x12 = f->r[u->r[2]];
  const f32 *x19 = f->r[u->r[3]];
  const f32 *x24 = f->r[u->r[4]];
  const f32 v6 = *(const f32 *)f->r[u->r[5]];
  const f32 v8 = *(const f32 *)f->r[u->r[6]];
  const f32 v13 = *(const f32 *)f->r[u->r[7]];
  const f32 v15 = *(const f32 *)f->r[u->r[8]];
  const f32 v17 = *(const f32 *)f->r[u->r[9]];
  const f32 v21 = *(const f32 *)f->r[u->r[10]];
  const f32 v25 = *(const f32 *)f->r[u->r[11]];
  const f32 v28 = *(const f32 *)f->r[u->r[12]];
  const f32 v31 = *(const f32 *)f->r[u->r[13]];
  const f32 v34 = *(const f32 *)f->r[u->r[14]];
  const f32 v36 = *(const f32 *)f->r[u->r[15]];
  f32 *y11 = f->r[u->r[16]];
  f32 *y2 = f->r[u->r[17]];
  f32 *y23 = f->r[u->r[18]];
  f32 *y30 = f->r[u->r[19]];
  f32 *y39 = f->r[u->r[20]];
  FUSED_ROOM(f32, t1);
  FUSED_ROOM(f32, t10);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x3 + i, n);
    fused_ahead(x12 + i, n);
    fused_ahead(x19 + i, n);
    fused_ahead(x24 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v1 = cr_softplus(v0);
      t1[j] = v1;
    }
    RUN_OVER(m) {
      const f32 v1 = t1[j];
      const f32 v10 = cr_log(v1);
      t10[j] = v10;
    }
    RUN_OVER(m) {
      const f32 v1 = t1[j];
      const f32 v3 = x3[i + j];
      const f32 v10 = t10[j];
      const f32 v12 = x12[i + j];
      const f32 v19 = x19[i + j];
      const f32 v24 = x24[i + j];
      const f32 v2 = v1 * v1;
      const f32 v4 = v3 * v3;
      const f32 v5 = v2 + v4;
      const f32 v7 = v5 - v6;
      const f32 v9 = v7 * v8;
      const f32 v11 = v9 - v10;
      const f32 v14 = v12 * v13;
      const f32 v16 = v15 * v3;
      const f32 v18 = v16 * v17;
      const f32 v20 = v18 + v19;
      const f32 v22 = v20 * v21;
      const f32 v23 = v14 + v22;
      const f32 v26 = v24 * v25;
      const f32 v27 = v20 * v20;
      const f32 v29 = v27 * v28;
      const f32 v30 = v26 + v29;
      const f32 v32 = v31 * v23;
      const f32 v33 = cr_sqrt(v30);
      const f32 v35 = v33 * v34;
      const f32 v37 = v35 + v36;
      const f32 v38 = v32 / v37;
      const f32 v39 = v3 - v38;
      y11[i + j] = v11;
      y2[i + j] = v2;
      y23[i + j] = v23;
      y30[i + j] = v30;
      y39[i + j] = v39;
    }
  }
}

static void adam_decay(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x2 = f->r[u->r[1]];
  const f32 *x9 = f->r[u->r[2]];
  const f32 *x14 = f->r[u->r[3]];
  const f32 v3 = *(const f32 *)f->r[u->r[4]];
  const f32 v5 = *(const f32 *)f->r[u->r[5]];
  const f32 v7 = *(const f32 *)f->r[u->r[6]];
  const f32 v11 = *(const f32 *)f->r[u->r[7]];
  const f32 v15 = *(const f32 *)f->r[u->r[8]];
  const f32 v18 = *(const f32 *)f->r[u->r[9]];
  const f32 v21 = *(const f32 *)f->r[u->r[10]];
  const f32 v24 = *(const f32 *)f->r[u->r[11]];
  const f32 v26 = *(const f32 *)f->r[u->r[12]];
  f32 *y1 = f->r[u->r[13]];
  f32 *y13 = f->r[u->r[14]];
  f32 *y20 = f->r[u->r[15]];
  f32 *y29 = f->r[u->r[16]];
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x2 + i, n);
    fused_ahead(x9 + i, n);
    fused_ahead(x14 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v2 = x2[i + j];
      const f32 v9 = x9[i + j];
      const f32 v14 = x14[i + j];
      const f32 v1 = v0 * v0;
      const f32 v4 = v2 * v3;
      const f32 v6 = v5 * v0;
      const f32 v8 = v6 * v7;
      const f32 v10 = v8 + v9;
      const f32 v12 = v10 * v11;
      const f32 v13 = v4 + v12;
      const f32 v16 = v14 * v15;
      const f32 v17 = v10 * v10;
      const f32 v19 = v17 * v18;
      const f32 v20 = v16 + v19;
      const f32 v22 = v21 * v13;
      const f32 v23 = cr_sqrt(v20);
      const f32 v25 = v23 * v24;
      const f32 v27 = v25 + v26;
      const f32 v28 = v22 / v27;
      const f32 v29 = v0 - v28;
      y1[i + j] = v1;
      y13[i + j] = v13;
      y20[i + j] = v20;
      y29[i + j] = v29;
    }
  }
}

static void momentum(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x3 = f->r[u->r[1]];
  const f32 *x5 = f->r[u->r[2]];
  const f32 v1 = *(const f32 *)f->r[u->r[3]];
  const f32 v6 = *(const f32 *)f->r[u->r[4]];
  f32 *y4 = f->r[u->r[5]];
  f32 *y8 = f->r[u->r[6]];
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x3 + i, n);
    fused_ahead(x5 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v3 = x3[i + j];
      const f32 v5 = x5[i + j];
      const f32 v2 = v0 * v1;
      const f32 v4 = v2 + v3;
      const f32 v7 = v6 * v4;
      const f32 v8 = v5 - v7;
      y4[i + j] = v4;
      y8[i + j] = v8;
    }
  }
}

static void momentum_means(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x4 = f->r[u->r[1]];
  const f32 *x8 = f->r[u->r[2]];
  const f32 v1 = *(const f32 *)f->r[u->r[3]];
  const f32 v3 = *(const f32 *)f->r[u->r[4]];
  const f32 v6 = *(const f32 *)f->r[u->r[5]];
  const f32 v11 = *(const f32 *)f->r[u->r[6]];
  f32 *y10 = f->r[u->r[7]];
  f32 *y13 = f->r[u->r[8]];
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x4 + i, n);
    fused_ahead(x8 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v4 = x4[i + j];
      const f32 v8 = x8[i + j];
      const f32 v2 = v0 * v1;
      const f32 v5 = v3 * v4;
      const f32 v7 = v5 * v6;
      const f32 v9 = v7 + v8;
      const f32 v10 = v2 + v9;
      const f32 v12 = v11 * v10;
      const f32 v13 = v4 - v12;
      y10[i + j] = v10;
      y13[i + j] = v13;
    }
  }
}

static void momentum_drawn_deviations(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x5 = f->r[u->r[1]];
  const f32 *x15 = f->r[u->r[2]];
  const f32 v1 = *(const f32 *)f->r[u->r[3]];
  const f32 v4 = *(const f32 *)f->r[u->r[4]];
  const f32 v8 = *(const f32 *)f->r[u->r[5]];
  const f32 v10 = *(const f32 *)f->r[u->r[6]];
  const f32 v21 = *(const f32 *)f->r[u->r[7]];
  f32 *y20 = f->r[u->r[8]];
  f32 *y23 = f->r[u->r[9]];
  struct drawing o16 = drawing(u->draw[0], f->r[u->params], f);
  FUSED_ROOM(f32, d16);
  FUSED_ROOM(f32, t6);
  FUSED_ROOM(f32, t13);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(&o16, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x5 + i, n);
    fused_ahead(x15 + i, n);
    normal_next(&o16, d16, m);
    RUN_OVER(m) {
      const f32 v5 = x5[i + j];
      const f32 v6 = cr_softplus(v5);
      const f32 v13 = cr_sigmoid(v5);
      t6[j] = v6;
      t13[j] = v13;
    }
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v5 = x5[i + j];
      const f32 v6 = t6[j];
      const f32 v13 = t13[j];
      const f32 v15 = x15[i + j];
      const f32 v16 = (f32)d16[j];
      const f32 v2 = v0 * v1;
      const f32 v7 = v4 / v6;
      const f32 v9 = v8 * v6;
      const f32 v11 = v9 * v10;
      const f32 v12 = v7 + v11;
      const f32 v14 = v12 * v13;
      const f32 v17 = v15 * v16;
      const f32 v18 = v17 * v13;
      const f32 v19 = v14 + v18;
      const f32 v20 = v2 + v19;
      const f32 v22 = v21 * v20;
      const f32 v23 = v5 - v22;
      y20[i + j] = v20;
      y23[i + j] = v23;
    }
  }
}

static void momentum_drawn_normals(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x4 = f->r[u->r[1]];
  const f32 *x8 = f->r[u->r[2]];
  const f32 *x14 = f->r[u->r[3]];
  const f32 *x18 = f->r[u->r[4]];
  const f32 v1 = *(const f32 *)f->r[u->r[5]];
  const f32 v3 = *(const f32 *)f->r[u->r[6]];
  const f32 v6 = *(const f32 *)f->r[u->r[7]];
  const f32 v11 = *(const f32 *)f->r[u->r[8]];
  const f32 v17 = *(const f32 *)f->r[u->r[9]];
  f32 *y10 = f->r[u->r[10]];
  f32 *y13 = f->r[u->r[11]];
  f32 *y30 = f->r[u->r[12]];
  f32 *y32 = f->r[u->r[13]];
  struct drawing o26 = drawing(u->draw[0], f->r[u->params], f);
  FUSED_ROOM(f32, d26);
  FUSED_ROOM(f32, t19);
  FUSED_ROOM(f32, t24);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(&o26, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x4 + i, n);
    fused_ahead(x8 + i, n);
    fused_ahead(x14 + i, n);
    fused_ahead(x18 + i, n);
    normal_next(&o26, d26, m);
    RUN_OVER(m) {
      const f32 v18 = x18[i + j];
      const f32 v19 = cr_softplus(v18);
      const f32 v24 = cr_sigmoid(v18);
      t19[j] = v19;
      t24[j] = v24;
    }
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v4 = x4[i + j];
      const f32 v8 = x8[i + j];
      const f32 v14 = x14[i + j];
      const f32 v18 = x18[i + j];
      const f32 v19 = t19[j];
      const f32 v24 = t24[j];
      const f32 v26 = (f32)d26[j];
      const f32 v2 = v0 * v1;
      const f32 v5 = v3 * v4;
      const f32 v7 = v5 * v6;
      const f32 v9 = v7 + v8;
      const f32 v10 = v2 + v9;
      const f32 v12 = v11 * v10;
      const f32 v13 = v4 - v12;
      const f32 v15 = v14 * v1;
      const f32 v20 = v17 / v19;
      const f32 v21 = v3 * v19;
      const f32 v22 = v21 * v6;
      const f32 v23 = v20 + v22;
      const f32 v25 = v23 * v24;
      const f32 v27 = v8 * v26;
      const f32 v28 = v27 * v24;
      const f32 v29 = v25 + v28;
      const f32 v30 = v15 + v29;
      const f32 v31 = v11 * v30;
      const f32 v32 = v18 - v31;
      y10[i + j] = v10;
      y13[i + j] = v13;
      y30[i + j] = v30;
      y32[i + j] = v32;
    }
  }
}

static void momentum_deviations(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x5 = f->r[u->r[1]];
  const f32 *x15 = f->r[u->r[2]];
  const f32 v1 = *(const f32 *)f->r[u->r[3]];
  const f32 v4 = *(const f32 *)f->r[u->r[4]];
  const f32 v8 = *(const f32 *)f->r[u->r[5]];
  const f32 v10 = *(const f32 *)f->r[u->r[6]];
  const f32 v21 = *(const f32 *)f->r[u->r[7]];
  f32 *y20 = f->r[u->r[8]];
  f32 *y23 = f->r[u->r[9]];
  FUSED_ROOM(f32, t6);
  FUSED_ROOM(f32, t13);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x5 + i, n);
    fused_ahead(x15 + i, n);
    RUN_OVER(m) {
      const f32 v5 = x5[i + j];
      const f32 v6 = cr_softplus(v5);
      const f32 v13 = cr_sigmoid(v5);
      t6[j] = v6;
      t13[j] = v13;
    }
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v5 = x5[i + j];
      const f32 v6 = t6[j];
      const f32 v13 = t13[j];
      const f32 v15 = x15[i + j];
      const f32 v2 = v0 * v1;
      const f32 v7 = v4 / v6;
      const f32 v9 = v8 * v6;
      const f32 v11 = v9 * v10;
      const f32 v12 = v7 + v11;
      const f32 v14 = v12 * v13;
      const f32 v16 = v15 * v6;
      const f32 v17 = v16 * v10;
      const f32 v18 = v17 * v13;
      const f32 v19 = v14 + v18;
      const f32 v20 = v2 + v19;
      const f32 v22 = v21 * v20;
      const f32 v23 = v5 - v22;
      y20[i + j] = v20;
      y23[i + j] = v23;
    }
  }
}

static void momentum_layer(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x3 = f->r[u->r[1]];
  const f32 *x12 = f->r[u->r[2]];
  const f32 *x19 = f->r[u->r[3]];
  const f32 v6 = *(const f32 *)f->r[u->r[4]];
  const f32 v8 = *(const f32 *)f->r[u->r[5]];
  const f32 v13 = *(const f32 *)f->r[u->r[6]];
  const f32 v15 = *(const f32 *)f->r[u->r[7]];
  const f32 v17 = *(const f32 *)f->r[u->r[8]];
  const f32 v22 = *(const f32 *)f->r[u->r[9]];
  f32 *y11 = f->r[u->r[10]];
  f32 *y2 = f->r[u->r[11]];
  f32 *y21 = f->r[u->r[12]];
  f32 *y24 = f->r[u->r[13]];
  FUSED_ROOM(f32, t1);
  FUSED_ROOM(f32, t10);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x3 + i, n);
    fused_ahead(x12 + i, n);
    fused_ahead(x19 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v1 = cr_softplus(v0);
      t1[j] = v1;
    }
    RUN_OVER(m) {
      const f32 v1 = t1[j];
      const f32 v10 = cr_log(v1);
      t10[j] = v10;
    }
    RUN_OVER(m) {
      const f32 v1 = t1[j];
      const f32 v3 = x3[i + j];
      const f32 v10 = t10[j];
      const f32 v12 = x12[i + j];
      const f32 v19 = x19[i + j];
      const f32 v2 = v1 * v1;
      const f32 v4 = v3 * v3;
      const f32 v5 = v2 + v4;
      const f32 v7 = v5 - v6;
      const f32 v9 = v7 * v8;
      const f32 v11 = v9 - v10;
      const f32 v14 = v12 * v13;
      const f32 v16 = v15 * v3;
      const f32 v18 = v16 * v17;
      const f32 v20 = v18 + v19;
      const f32 v21 = v14 + v20;
      const f32 v23 = v22 * v21;
      const f32 v24 = v3 - v23;
      y11[i + j] = v11;
      y2[i + j] = v2;
      y21[i + j] = v21;
      y24[i + j] = v24;
    }
  }
}

static void momentum_decay(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x2 = f->r[u->r[1]];
  const f32 *x9 = f->r[u->r[2]];
  const f32 v3 = *(const f32 *)f->r[u->r[3]];
  const f32 v5 = *(const f32 *)f->r[u->r[4]];
  const f32 v7 = *(const f32 *)f->r[u->r[5]];
  const f32 v12 = *(const f32 *)f->r[u->r[6]];
  f32 *y1 = f->r[u->r[7]];
  f32 *y11 = f->r[u->r[8]];
  f32 *y14 = f->r[u->r[9]];
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x2 + i, n);
    fused_ahead(x9 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v2 = x2[i + j];
      const f32 v9 = x9[i + j];
      const f32 v1 = v0 * v0;
      const f32 v4 = v2 * v3;
      const f32 v6 = v5 * v0;
      const f32 v8 = v6 * v7;
      const f32 v10 = v8 + v9;
      const f32 v11 = v4 + v10;
      const f32 v13 = v12 * v11;
      const f32 v14 = v0 - v13;
      y1[i + j] = v1;
      y11[i + j] = v11;
      y14[i + j] = v14;
    }
  }
}

static void relu_dropout_layer_near_1(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x3 = f->r[u->r[0]];
  const f32 *x4 = f->r[u->r[1]];
  const i32 v1 = *(const i32 *)f->r[u->r[2]];
  const f32 v6 = *(const f32 *)f->r[u->r[3]];
  const f32 v8 = *(const f32 *)f->r[u->r[4]];
  i32 *y2 = f->r[u->r[5]];
  f32 *y10 = f->r[u->r[6]];
  struct drawing o0 = drawing(u->draw[0], f->r[u->params], f);
  FUSED_ROOM(u32, d0);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(&o0, n - i);
    fused_ahead(x3 + i, n);
    fused_ahead(x4 + i, n);
    bits_next(&o0, d0, m);
    RUN_OVER(m) {
      const i32 v0 = (i32)d0[j];
      const f32 v3 = x3[i + j];
      const f32 v4 = x4[i + j];
      const i32 v2 = cr_ult_i32(v0, v1);
      const f32 v5 = v3 + v4;
      const f32 v7 = cr_max(v5, v6);
      const f32 v9 = v7 * v8;
      const f32 v10 = v2 != 0 ? v9 : v6;
      y2[i + j] = v2;
      y10[i + j] = v10;
    }
  }
}

static void relu_dropout_layer_near_2(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x1 = f->r[u->r[0]];
  const f32 *x2 = f->r[u->r[1]];
  const i32 *x6 = f->r[u->r[2]];
  const f32 *x7 = f->r[u->r[3]];
  const f32 v0 = *(const f32 *)f->r[u->r[4]];
  const f32 v9 = *(const f32 *)f->r[u->r[5]];
  f32 *y11 = f->r[u->r[6]];
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x1 + i, n);
    fused_ahead(x2 + i, n);
    fused_ahead(x6 + i, n);
    fused_ahead(x7 + i, n);
    RUN_OVER(m) {
      const f32 v1 = x1[i + j];
      const f32 v2 = x2[i + j];
      const i32 v6 = x6[i + j];
      const f32 v7 = x7[i + j];
      const f32 v3 = v1 + v2;
      const f32 v4 = cr_max(v3, v0);
      const i32 v5 = v0 < v4;
      const f32 v8 = v6 != 0 ? v7 : v0;
      const f32 v10 = v8 * v9;
      const f32 v11 = v5 != 0 ? v10 : v0;
      y11[i + j] = v11;
    }
  }
}

static void drawn_outputs_gradients_near_1(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x1 = f->r[u->r[0]];
  const f32 *x2 = f->r[u->r[1]];
  const f32 *x4 = f->r[u->r[2]];
  const f32 *x5 = f->r[u->r[3]];
  const f32 v7 = *(const f32 *)f->r[u->r[4]];
  const f32 v12 = *(const f32 *)f->r[u->r[5]];
  f32 *y0 = f->r[u->r[6]];
  f32 *y13 = f->r[u->r[7]];
  f32 *y14 = f->r[u->r[8]];
  struct drawing o0 = drawing(u->draw[0], f->r[u->params], f);
  FUSED_ROOM(f32, d0);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(&o0, n - i);
    fused_ahead(x1 + i, n);
    fused_ahead(x2 + i, n);
    fused_ahead(x4 + i, n);
    fused_ahead(x5 + i, n);
    normal_next(&o0, d0, m);
    RUN_OVER(m) {
      const f32 v0 = (f32)d0[j];
      const f32 v1 = x1[i + j];
      const f32 v2 = x2[i + j];
      const f32 v4 = x4[i + j];
      const f32 v5 = x5[i + j];
      const f32 v3 = v1 + v2;
      const f32 v6 = v4 + v5;
      const f32 v8 = v6 + v7;
      const f32 v9 = cr_sqrt(v8);
      const f32 v10 = v9 * v0;
      const f32 v11 = v3 + v10;
      const f32 v13 = cr_max(v11, v12);
      const f32 v14 = v13 * v13;
      y0[i + j] = v0;
      y13[i + j] = v13;
      y14[i + j] = v14;
    }
  }
}

static void drawn_outputs_gradients_near_2(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x1 = f->r[u->r[0]];
  const f32 *x3 = f->r[u->r[1]];
  const f32 *x7 = f->r[u->r[2]];
  const f32 *x10 = f->r[u->r[3]];
  const f32 *x14 = f->r[u->r[4]];
  const f32 *x15 = f->r[u->r[5]];
  const f32 v0 = *(const f32 *)f->r[u->r[6]];
  const f32 v5 = *(const f32 *)f->r[u->r[7]];
  const f32 v12 = *(const f32 *)f->r[u->r[8]];
  const f32 v17 = *(const f32 *)f->r[u->r[9]];
  f32 *y9 = f->r[u->r[10]];
  f32 *y20 = f->r[u->r[11]];
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x1 + i, n);
    fused_ahead(x3 + i, n);
    fused_ahead(x7 + i, n);
    fused_ahead(x10 + i, n);
    fused_ahead(x14 + i, n);
    fused_ahead(x15 + i, n);
    RUN_OVER(m) {
      const f32 v1 = x1[i + j];
      const f32 v3 = x3[i + j];
      const f32 v7 = x7[i + j];
      const f32 v10 = x10[i + j];
      const f32 v14 = x14[i + j];
      const f32 v15 = x15[i + j];
      const i32 v2 = v0 < v1;
      const f32 v4 = v3 * v1;
      const f32 v6 = v4 * v5;
      const f32 v8 = v6 + v7;
      const f32 v9 = v2 != 0 ? v8 : v0;
      const f32 v11 = v9 * v10;
      const f32 v13 = v11 * v12;
      const f32 v16 = v14 + v15;
      const f32 v18 = v16 + v17;
      const f32 v19 = cr_sqrt(v18);
      const f32 v20 = v13 / v19;
      y9[i + j] = v9;
      y20[i + j] = v20;
    }
  }
}

static void adam_of_two_near(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x3 = f->r[u->r[1]];
  const f32 *x7 = f->r[u->r[2]];
  const f32 *x14 = f->r[u->r[3]];
  const f32 *x24 = f->r[u->r[4]];
  const f32 *x26 = f->r[u->r[5]];
  const f32 *x29 = f->r[u->r[6]];
  const f32 *x34 = f->r[u->r[7]];
  const f32 v1 = *(const f32 *)f->r[u->r[8]];
  const f32 v4 = *(const f32 *)f->r[u->r[9]];
  const f32 v8 = *(const f32 *)f->r[u->r[10]];
  const f32 v11 = *(const f32 *)f->r[u->r[11]];
  const f32 v15 = *(const f32 *)f->r[u->r[12]];
  const f32 v18 = *(const f32 *)f->r[u->r[13]];
  const f32 v20 = *(const f32 *)f->r[u->r[14]];
  f32 *y6 = f->r[u->r[15]];
  f32 *y13 = f->r[u->r[16]];
  f32 *y23 = f->r[u->r[17]];
  f32 *y28 = f->r[u->r[18]];
  f32 *y33 = f->r[u->r[19]];
  f32 *y40 = f->r[u->r[20]];
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x3 + i, n);
    fused_ahead(x7 + i, n);
    fused_ahead(x14 + i, n);
    fused_ahead(x24 + i, n);
    fused_ahead(x26 + i, n);
    fused_ahead(x29 + i, n);
    fused_ahead(x34 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v3 = x3[i + j];
      const f32 v7 = x7[i + j];
      const f32 v14 = x14[i + j];
      const f32 v24 = x24[i + j];
      const f32 v26 = x26[i + j];
      const f32 v29 = x29[i + j];
      const f32 v34 = x34[i + j];
      const f32 v2 = v0 * v1;
      const f32 v5 = v3 * v4;
      const f32 v6 = v2 + v5;
      const f32 v9 = v7 * v8;
      const f32 v10 = v3 * v3;
      const f32 v12 = v10 * v11;
      const f32 v13 = v9 + v12;
      const f32 v16 = v15 * v6;
      const f32 v17 = cr_sqrt(v13);
      const f32 v19 = v17 * v18;
      const f32 v21 = v19 + v20;
      const f32 v22 = v16 / v21;
      const f32 v23 = v14 - v22;
      const f32 v25 = v24 * v1;
      const f32 v27 = v26 * v4;
      const f32 v28 = v25 + v27;
      const f32 v30 = v29 * v8;
      const f32 v31 = v26 * v26;
      const f32 v32 = v31 * v11;
      const f32 v33 = v30 + v32;
      const f32 v35 = v15 * v28;
      const f32 v36 = cr_sqrt(v33);
      const f32 v37 = v36 * v18;
      const f32 v38 = v37 + v20;
      const f32 v39 = v35 / v38;
      const f32 v40 = v34 - v39;
      y6[i + j] = v6;
      y13[i + j] = v13;
      y23[i + j] = v23;
      y28[i + j] = v28;
      y33[i + j] = v33;
      y40[i + j] = v40;
    }
  }
}

static void adam_of_three_near(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x3 = f->r[u->r[1]];
  const f32 *x7 = f->r[u->r[2]];
  const f32 *x14 = f->r[u->r[3]];
  const f32 *x24 = f->r[u->r[4]];
  const f32 *x26 = f->r[u->r[5]];
  const f32 *x29 = f->r[u->r[6]];
  const f32 *x34 = f->r[u->r[7]];
  const f32 *x41 = f->r[u->r[8]];
  const f32 *x43 = f->r[u->r[9]];
  const f32 *x46 = f->r[u->r[10]];
  const f32 *x51 = f->r[u->r[11]];
  const f32 v1 = *(const f32 *)f->r[u->r[12]];
  const f32 v4 = *(const f32 *)f->r[u->r[13]];
  const f32 v8 = *(const f32 *)f->r[u->r[14]];
  const f32 v11 = *(const f32 *)f->r[u->r[15]];
  const f32 v15 = *(const f32 *)f->r[u->r[16]];
  const f32 v18 = *(const f32 *)f->r[u->r[17]];
  const f32 v20 = *(const f32 *)f->r[u->r[18]];
  f32 *y6 = f->r[u->r[19]];
  f32 *y13 = f->r[u->r[20]];
  f32 *y23 = f->r[u->r[21]];
  f32 *y28 = f->r[u->r[22]];
  f32 *y33 = f->r[u->r[23]];
  f32 *y40 = f->r[u->r[24]];
  f32 *y45 = f->r[u->r[25]];
  f32 *y50 = f->r[u->r[26]];
  f32 *y57 = f->r[u->r[27]];
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x3 + i, n);
    fused_ahead(x7 + i, n);
    fused_ahead(x14 + i, n);
    fused_ahead(x24 + i, n);
    fused_ahead(x26 + i, n);
    fused_ahead(x29 + i, n);
    fused_ahead(x34 + i, n);
    fused_ahead(x41 + i, n);
    fused_ahead(x43 + i, n);
    fused_ahead(x46 + i, n);
    fused_ahead(x51 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v3 = x3[i + j];
      const f32 v7 = x7[i + j];
      const f32 v14 = x14[i + j];
      const f32 v24 = x24[i + j];
      const f32 v26 = x26[i + j];
      const f32 v29 = x29[i + j];
      const f32 v34 = x34[i + j];
      const f32 v41 = x41[i + j];
      const f32 v43 = x43[i + j];
      const f32 v46 = x46[i + j];
      const f32 v51 = x51[i + j];
      const f32 v2 = v0 * v1;
      const f32 v5 = v3 * v4;
      const f32 v6 = v2 + v5;
      const f32 v9 = v7 * v8;
      const f32 v10 = v3 * v3;
      const f32 v12 = v10 * v11;
      const f32 v13 = v9 + v12;
      const f32 v16 = v15 * v6;
      const f32 v17 = cr_sqrt(v13);
      const f32 v19 = v17 * v18;
      const f32 v21 = v19 + v20;
      const f32 v22 = v16 / v21;
      const f32 v23 = v14 - v22;
      const f32 v25 = v24 * v1;
      const f32 v27 = v26 * v4;
      const f32 v28 = v25 + v27;
      const f32 v30 = v29 * v8;
      const f32 v31 = v26 * v26;
      const f32 v32 = v31 * v11;
      const f32 v33 = v30 + v32;
      const f32 v35 = v15 * v28;
      const f32 v36 = cr_sqrt(v33);
      const f32 v37 = v36 * v18;
      const f32 v38 = v37 + v20;
      const f32 v39 = v35 / v38;
      const f32 v40 = v34 - v39;
      const f32 v42 = v41 * v1;
      const f32 v44 = v43 * v4;
      const f32 v45 = v42 + v44;
      const f32 v47 = v46 * v8;
      const f32 v48 = v43 * v43;
      const f32 v49 = v48 * v11;
      const f32 v50 = v47 + v49;
      const f32 v52 = v15 * v45;
      const f32 v53 = cr_sqrt(v50);
      const f32 v54 = v53 * v18;
      const f32 v55 = v54 + v20;
      const f32 v56 = v52 / v55;
      const f32 v57 = v51 - v56;
      y6[i + j] = v6;
      y13[i + j] = v13;
      y23[i + j] = v23;
      y28[i + j] = v28;
      y33[i + j] = v33;
      y40[i + j] = v40;
      y45[i + j] = v45;
      y50[i + j] = v50;
      y57[i + j] = v57;
    }
  }
}

static void adam_drawn_layer_near_1(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x3 = f->r[u->r[1]];
  const f32 v6 = *(const f32 *)f->r[u->r[2]];
  const f32 v8 = *(const f32 *)f->r[u->r[3]];
  f32 *y11 = f->r[u->r[4]];
  f32 *y1 = f->r[u->r[5]];
  f32 *y12 = f->r[u->r[6]];
  f32 *y14 = f->r[u->r[7]];
  f32 *y15 = f->r[u->r[8]];
  struct drawing o12 = drawing(u->draw[0], f->r[u->params], f);
  FUSED_ROOM(f32, d12);
  FUSED_ROOM(f32, t1);
  FUSED_ROOM(f32, t10);
  FUSED_ROOM(f32, t15);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(&o12, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x3 + i, n);
    normal_next(&o12, d12, m);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v1 = cr_softplus(v0);
      const f32 v15 = cr_sigmoid(v0);
      t1[j] = v1;
      t15[j] = v15;
    }
    RUN_OVER(m) {
      const f32 v1 = t1[j];
      const f32 v10 = cr_log(v1);
      t10[j] = v10;
    }
    RUN_OVER(m) {
      const f32 v1 = t1[j];
      const f32 v3 = x3[i + j];
      const f32 v10 = t10[j];
      const f32 v12 = (f32)d12[j];
      const f32 v15 = t15[j];
      const f32 v2 = v1 * v1;
      const f32 v4 = v3 * v3;
      const f32 v5 = v2 + v4;
      const f32 v7 = v5 - v6;
      const f32 v9 = v7 * v8;
      const f32 v11 = v9 - v10;
      const f32 v13 = v1 * v12;
      const f32 v14 = v3 + v13;
      y11[i + j] = v11;
      y1[i + j] = v1;
      y12[i + j] = v12;
      y14[i + j] = v14;
      y15[i + j] = v15;
    }
  }
}

static void adam_drawn_layer_near_2(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x4 = f->r[u->r[1]];
  const f32 *x8 = f->r[u->r[2]];
  const f32 *x13 = f->r[u->r[3]];
  const f32 *x29 = f->r[u->r[4]];
  const f32 *x33 = f->r[u->r[5]];
  const f32 *x38 = f->r[u->r[6]];
  const f32 *x40 = f->r[u->r[7]];
  const f32 *x46 = f->r[u->r[8]];
  const f32 *x51 = f->r[u->r[9]];
  const f32 v1 = *(const f32 *)f->r[u->r[10]];
  const f32 v3 = *(const f32 *)f->r[u->r[11]];
  const f32 v6 = *(const f32 *)f->r[u->r[12]];
  const f32 v10 = *(const f32 *)f->r[u->r[13]];
  const f32 v14 = *(const f32 *)f->r[u->r[14]];
  const f32 v17 = *(const f32 *)f->r[u->r[15]];
  const f32 v20 = *(const f32 *)f->r[u->r[16]];
  const f32 v23 = *(const f32 *)f->r[u->r[17]];
  const f32 v25 = *(const f32 *)f->r[u->r[18]];
  const f32 v32 = *(const f32 *)f->r[u->r[19]];
  f32 *y12 = f->r[u->r[20]];
  f32 *y19 = f->r[u->r[21]];
  f32 *y28 = f->r[u->r[22]];
  f32 *y45 = f->r[u->r[23]];
  f32 *y50 = f->r[u->r[24]];
  f32 *y57 = f->r[u->r[25]];
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x4 + i, n);
    fused_ahead(x8 + i, n);
    fused_ahead(x13 + i, n);
    fused_ahead(x29 + i, n);
    fused_ahead(x33 + i, n);
    fused_ahead(x38 + i, n);
    fused_ahead(x40 + i, n);
    fused_ahead(x46 + i, n);
    fused_ahead(x51 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v4 = x4[i + j];
      const f32 v8 = x8[i + j];
      const f32 v13 = x13[i + j];
      const f32 v29 = x29[i + j];
      const f32 v33 = x33[i + j];
      const f32 v38 = x38[i + j];
      const f32 v40 = x40[i + j];
      const f32 v46 = x46[i + j];
      const f32 v51 = x51[i + j];
      const f32 v2 = v0 * v1;
      const f32 v5 = v3 * v4;
      const f32 v7 = v5 * v6;
      const f32 v9 = v7 + v8;
      const f32 v11 = v9 * v10;
      const f32 v12 = v2 + v11;
      const f32 v15 = v13 * v14;
      const f32 v16 = v9 * v9;
      const f32 v18 = v16 * v17;
      const f32 v19 = v15 + v18;
      const f32 v21 = v20 * v12;
      const f32 v22 = cr_sqrt(v19);
      const f32 v24 = v22 * v23;
      const f32 v26 = v24 + v25;
      const f32 v27 = v21 / v26;
      const f32 v28 = v4 - v27;
      const f32 v30 = v29 * v1;
      const f32 v34 = v32 / v33;
      const f32 v35 = v3 * v33;
      const f32 v36 = v35 * v6;
      const f32 v37 = v34 + v36;
      const f32 v39 = v37 * v38;
      const f32 v41 = v8 * v40;
      const f32 v42 = v41 * v38;
      const f32 v43 = v39 + v42;
      const f32 v44 = v43 * v10;
      const f32 v45 = v30 + v44;
      const f32 v47 = v46 * v14;
      const f32 v48 = v43 * v43;
      const f32 v49 = v48 * v17;
      const f32 v50 = v47 + v49;
      const f32 v52 = v20 * v45;
      const f32 v53 = cr_sqrt(v50);
      const f32 v54 = v53 * v23;
      const f32 v55 = v54 + v25;
      const f32 v56 = v52 / v55;
      const f32 v57 = v51 - v56;
      y12[i + j] = v12;
      y19[i + j] = v19;
      y28[i + j] = v28;
      y45[i + j] = v45;
      y50[i + j] = v50;
      y57[i + j] = v57;
    }
  }
}

static void adam_layer_near_1(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x3 = f->r[u->r[1]];
  const f32 *x12 = f->r[u->r[2]];
  const f32 *x19 = f->r[u->r[3]];
  const f32 *x24 = f->r[u->r[4]];
  const f32 v6 = *(const f32 *)f->r[u->r[5]];
  const f32 v8 = *(const f32 *)f->r[u->r[6]];
  const f32 v13 = *(const f32 *)f->r[u->r[7]];
  const f32 v15 = *(const f32 *)f->r[u->r[8]];
  const f32 v17 = *(const f32 *)f->r[u->r[9]];
  const f32 v21 = *(const f32 *)f->r[u->r[10]];
  const f32 v25 = *(const f32 *)f->r[u->r[11]];
  const f32 v28 = *(const f32 *)f->r[u->r[12]];
  const f32 v31 = *(const f32 *)f->r[u->r[13]];
  const f32 v34 = *(const f32 *)f->r[u->r[14]];
  const f32 v36 = *(const f32 *)f->r[u->r[15]];
  f32 *y11 = f->r[u->r[16]];
  f32 *y1 = f->r[u->r[17]];
  f32 *y2 = f->r[u->r[18]];
  f32 *y23 = f->r[u->r[19]];
  f32 *y30 = f->r[u->r[20]];
  f32 *y39 = f->r[u->r[21]];
  f32 *y40 = f->r[u->r[22]];
  FUSED_ROOM(f32, t1);
  FUSED_ROOM(f32, t10);
  FUSED_ROOM(f32, t40);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x3 + i, n);
    fused_ahead(x12 + i, n);
    fused_ahead(x19 + i, n);
    fused_ahead(x24 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v1 = cr_softplus(v0);
      const f32 v40 = cr_sigmoid(v0);
      t1[j] = v1;
      t40[j] = v40;
    }
    RUN_OVER(m) {
      const f32 v1 = t1[j];
      const f32 v10 = cr_log(v1);
      t10[j] = v10;
    }
    RUN_OVER(m) {
      const f32 v1 = t1[j];
      const f32 v3 = x3[i + j];
      const f32 v10 = t10[j];
      const f32 v12 = x12[i + j];
      const f32 v19 = x19[i + j];
      const f32 v24 = x24[i + j];
      const f32 v40 = t40[j];
      const f32 v2 = v1 * v1;
      const f32 v4 = v3 * v3;
      const f32 v5 = v2 + v4;
      const f32 v7 = v5 - v6;
      const f32 v9 = v7 * v8;
      const f32 v11 = v9 - v10;
      const f32 v14 = v12 * v13;
      const f32 v16 = v15 * v3;
      const f32 v18 = v16 * v17;
      const f32 v20 = v18 + v19;
      const f32 v22 = v20 * v21;
      const f32 v23 = v14 + v22;
      const f32 v26 = v24 * v25;
      const f32 v27 = v20 * v20;
      const f32 v29 = v27 * v28;
      const f32 v30 = v26 + v29;
      const f32 v32 = v31 * v23;
      const f32 v33 = cr_sqrt(v30);
      const f32 v35 = v33 * v34;
      const f32 v37 = v35 + v36;
      const f32 v38 = v32 / v37;
      const f32 v39 = v3 - v38;
      y11[i + j] = v11;
      y1[i + j] = v1;
      y2[i + j] = v2;
      y23[i + j] = v23;
      y30[i + j] = v30;
      y39[i + j] = v39;
      y40[i + j] = v40;
    }
  }
}

static void adam_layer_near_2(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x5 = f->r[u->r[1]];
  const f32 *x12 = f->r[u->r[2]];
  const f32 *x14 = f->r[u->r[3]];
  const f32 *x22 = f->r[u->r[4]];
  const f32 *x29 = f->r[u->r[5]];
  const f32 v1 = *(const f32 *)f->r[u->r[6]];
  const f32 v4 = *(const f32 *)f->r[u->r[7]];
  const f32 v7 = *(const f32 *)f->r[u->r[8]];
  const f32 v9 = *(const f32 *)f->r[u->r[9]];
  const f32 v19 = *(const f32 *)f->r[u->r[10]];
  const f32 v23 = *(const f32 *)f->r[u->r[11]];
  const f32 v26 = *(const f32 *)f->r[u->r[12]];
  const f32 v30 = *(const f32 *)f->r[u->r[13]];
  const f32 v33 = *(const f32 *)f->r[u->r[14]];
  const f32 v35 = *(const f32 *)f->r[u->r[15]];
  f32 *y21 = f->r[u->r[16]];
  f32 *y28 = f->r[u->r[17]];
  f32 *y38 = f->r[u->r[18]];
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x5 + i, n);
    fused_ahead(x12 + i, n);
    fused_ahead(x14 + i, n);
    fused_ahead(x22 + i, n);
    fused_ahead(x29 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v5 = x5[i + j];
      const f32 v12 = x12[i + j];
      const f32 v14 = x14[i + j];
      const f32 v22 = x22[i + j];
      const f32 v29 = x29[i + j];
      const f32 v2 = v0 * v1;
      const f32 v6 = v4 / v5;
      const f32 v8 = v7 * v5;
      const f32 v10 = v8 * v9;
      const f32 v11 = v6 + v10;
      const f32 v13 = v11 * v12;
      const f32 v15 = v14 * v5;
      const f32 v16 = v15 * v9;
      const f32 v17 = v16 * v12;
      const f32 v18 = v13 + v17;
      const f32 v20 = v18 * v19;
      const f32 v21 = v2 + v20;
      const f32 v24 = v22 * v23;
      const f32 v25 = v18 * v18;
      const f32 v27 = v25 * v26;
      const f32 v28 = v24 + v27;
      const f32 v31 = v30 * v21;
      const f32 v32 = cr_sqrt(v28);
      const f32 v34 = v32 * v33;
      const f32 v36 = v34 + v35;
      const f32 v37 = v31 / v36;
      const f32 v38 = v29 - v37;
      y21[i + j] = v21;
      y28[i + j] = v28;
      y38[i + j] = v38;
    }
  }
}

static void momentum_of_two_near(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x3 = f->r[u->r[1]];
  const f32 *x5 = f->r[u->r[2]];
  const f32 *x9 = f->r[u->r[3]];
  const f32 *x11 = f->r[u->r[4]];
  const f32 *x13 = f->r[u->r[5]];
  const f32 v1 = *(const f32 *)f->r[u->r[6]];
  const f32 v6 = *(const f32 *)f->r[u->r[7]];
  f32 *y4 = f->r[u->r[8]];
  f32 *y8 = f->r[u->r[9]];
  f32 *y12 = f->r[u->r[10]];
  f32 *y15 = f->r[u->r[11]];
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x3 + i, n);
    fused_ahead(x5 + i, n);
    fused_ahead(x9 + i, n);
    fused_ahead(x11 + i, n);
    fused_ahead(x13 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v3 = x3[i + j];
      const f32 v5 = x5[i + j];
      const f32 v9 = x9[i + j];
      const f32 v11 = x11[i + j];
      const f32 v13 = x13[i + j];
      const f32 v2 = v0 * v1;
      const f32 v4 = v2 + v3;
      const f32 v7 = v6 * v4;
      const f32 v8 = v5 - v7;
      const f32 v10 = v9 * v1;
      const f32 v12 = v10 + v11;
      const f32 v14 = v6 * v12;
      const f32 v15 = v13 - v14;
      y4[i + j] = v4;
      y8[i + j] = v8;
      y12[i + j] = v12;
      y15[i + j] = v15;
    }
  }
}

static void momentum_of_three_near(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x3 = f->r[u->r[1]];
  const f32 *x5 = f->r[u->r[2]];
  const f32 *x9 = f->r[u->r[3]];
  const f32 *x11 = f->r[u->r[4]];
  const f32 *x13 = f->r[u->r[5]];
  const f32 *x16 = f->r[u->r[6]];
  const f32 *x18 = f->r[u->r[7]];
  const f32 *x20 = f->r[u->r[8]];
  const f32 v1 = *(const f32 *)f->r[u->r[9]];
  const f32 v6 = *(const f32 *)f->r[u->r[10]];
  f32 *y4 = f->r[u->r[11]];
  f32 *y8 = f->r[u->r[12]];
  f32 *y12 = f->r[u->r[13]];
  f32 *y15 = f->r[u->r[14]];
  f32 *y19 = f->r[u->r[15]];
  f32 *y22 = f->r[u->r[16]];
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x3 + i, n);
    fused_ahead(x5 + i, n);
    fused_ahead(x9 + i, n);
    fused_ahead(x11 + i, n);
    fused_ahead(x13 + i, n);
    fused_ahead(x16 + i, n);
    fused_ahead(x18 + i, n);
    fused_ahead(x20 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v3 = x3[i + j];
      const f32 v5 = x5[i + j];
      const f32 v9 = x9[i + j];
      const f32 v11 = x11[i + j];
      const f32 v13 = x13[i + j];
      const f32 v16 = x16[i + j];
      const f32 v18 = x18[i + j];
      const f32 v20 = x20[i + j];
      const f32 v2 = v0 * v1;
      const f32 v4 = v2 + v3;
      const f32 v7 = v6 * v4;
      const f32 v8 = v5 - v7;
      const f32 v10 = v9 * v1;
      const f32 v12 = v10 + v11;
      const f32 v14 = v6 * v12;
      const f32 v15 = v13 - v14;
      const f32 v17 = v16 * v1;
      const f32 v19 = v17 + v18;
      const f32 v21 = v6 * v19;
      const f32 v22 = v20 - v21;
      y4[i + j] = v4;
      y8[i + j] = v8;
      y12[i + j] = v12;
      y15[i + j] = v15;
      y19[i + j] = v19;
      y22[i + j] = v22;
    }
  }
}

static void momentum_drawn_layer_near(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x4 = f->r[u->r[1]];
  const f32 *x8 = f->r[u->r[2]];
  const f32 *x14 = f->r[u->r[3]];
  const f32 *x18 = f->r[u->r[4]];
  const f32 *x23 = f->r[u->r[5]];
  const f32 *x25 = f->r[u->r[6]];
  const f32 *x30 = f->r[u->r[7]];
  const f32 v1 = *(const f32 *)f->r[u->r[8]];
  const f32 v3 = *(const f32 *)f->r[u->r[9]];
  const f32 v6 = *(const f32 *)f->r[u->r[10]];
  const f32 v11 = *(const f32 *)f->r[u->r[11]];
  const f32 v17 = *(const f32 *)f->r[u->r[12]];
  f32 *y10 = f->r[u->r[13]];
  f32 *y13 = f->r[u->r[14]];
  f32 *y29 = f->r[u->r[15]];
  f32 *y32 = f->r[u->r[16]];
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x4 + i, n);
    fused_ahead(x8 + i, n);
    fused_ahead(x14 + i, n);
    fused_ahead(x18 + i, n);
    fused_ahead(x23 + i, n);
    fused_ahead(x25 + i, n);
    fused_ahead(x30 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v4 = x4[i + j];
      const f32 v8 = x8[i + j];
      const f32 v14 = x14[i + j];
      const f32 v18 = x18[i + j];
      const f32 v23 = x23[i + j];
      const f32 v25 = x25[i + j];
      const f32 v30 = x30[i + j];
      const f32 v2 = v0 * v1;
      const f32 v5 = v3 * v4;
      const f32 v7 = v5 * v6;
      const f32 v9 = v7 + v8;
      const f32 v10 = v2 + v9;
      const f32 v12 = v11 * v10;
      const f32 v13 = v4 - v12;
      const f32 v15 = v14 * v1;
      const f32 v19 = v17 / v18;
      const f32 v20 = v3 * v18;
      const f32 v21 = v20 * v6;
      const f32 v22 = v19 + v21;
      const f32 v24 = v22 * v23;
      const f32 v26 = v8 * v25;
      const f32 v27 = v26 * v23;
      const f32 v28 = v24 + v27;
      const f32 v29 = v15 + v28;
      const f32 v31 = v11 * v29;
      const f32 v32 = v30 - v31;
      y10[i + j] = v10;
      y13[i + j] = v13;
      y29[i + j] = v29;
      y32[i + j] = v32;
    }
  }
}

static void momentum_layer_near_1(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x3 = f->r[u->r[1]];
  const f32 *x12 = f->r[u->r[2]];
  const f32 *x19 = f->r[u->r[3]];
  const f32 v6 = *(const f32 *)f->r[u->r[4]];
  const f32 v8 = *(const f32 *)f->r[u->r[5]];
  const f32 v13 = *(const f32 *)f->r[u->r[6]];
  const f32 v15 = *(const f32 *)f->r[u->r[7]];
  const f32 v17 = *(const f32 *)f->r[u->r[8]];
  const f32 v22 = *(const f32 *)f->r[u->r[9]];
  f32 *y11 = f->r[u->r[10]];
  f32 *y1 = f->r[u->r[11]];
  f32 *y2 = f->r[u->r[12]];
  f32 *y21 = f->r[u->r[13]];
  f32 *y24 = f->r[u->r[14]];
  f32 *y25 = f->r[u->r[15]];
  FUSED_ROOM(f32, t1);
  FUSED_ROOM(f32, t10);
  FUSED_ROOM(f32, t25);
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x3 + i, n);
    fused_ahead(x12 + i, n);
    fused_ahead(x19 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v1 = cr_softplus(v0);
      const f32 v25 = cr_sigmoid(v0);
      t1[j] = v1;
      t25[j] = v25;
    }
    RUN_OVER(m) {
      const f32 v1 = t1[j];
      const f32 v10 = cr_log(v1);
      t10[j] = v10;
    }
    RUN_OVER(m) {
      const f32 v1 = t1[j];
      const f32 v3 = x3[i + j];
      const f32 v10 = t10[j];
      const f32 v12 = x12[i + j];
      const f32 v19 = x19[i + j];
      const f32 v25 = t25[j];
      const f32 v2 = v1 * v1;
      const f32 v4 = v3 * v3;
      const f32 v5 = v2 + v4;
      const f32 v7 = v5 - v6;
      const f32 v9 = v7 * v8;
      const f32 v11 = v9 - v10;
      const f32 v14 = v12 * v13;
      const f32 v16 = v15 * v3;
      const f32 v18 = v16 * v17;
      const f32 v20 = v18 + v19;
      const f32 v21 = v14 + v20;
      const f32 v23 = v22 * v21;
      const f32 v24 = v3 - v23;
      y11[i + j] = v11;
      y1[i + j] = v1;
      y2[i + j] = v2;
      y21[i + j] = v21;
      y24[i + j] = v24;
      y25[i + j] = v25;
    }
  }
}

static void momentum_layer_near_2(const cr_step *s, cr_frame *f, int64_t n) {
  const struct cr_fused *u = s->more;
  const f32 *x0 = f->r[u->r[0]];
  const f32 *x5 = f->r[u->r[1]];
  const f32 *x12 = f->r[u->r[2]];
  const f32 *x14 = f->r[u->r[3]];
  const f32 *x20 = f->r[u->r[4]];
  const f32 v1 = *(const f32 *)f->r[u->r[5]];
  const f32 v4 = *(const f32 *)f->r[u->r[6]];
  const f32 v7 = *(const f32 *)f->r[u->r[7]];
  const f32 v9 = *(const f32 *)f->r[u->r[8]];
  const f32 v21 = *(const f32 *)f->r[u->r[9]];
  f32 *y19 = f->r[u->r[10]];
  f32 *y23 = f->r[u->r[11]];
  for (int64_t i = 0, m; i < n; i += m) {
    m = fused_tile(0, n - i);
    fused_ahead(x0 + i, n);
    fused_ahead(x5 + i, n);
    fused_ahead(x12 + i, n);
    fused_ahead(x14 + i, n);
    fused_ahead(x20 + i, n);
    RUN_OVER(m) {
      const f32 v0 = x0[i + j];
      const f32 v5 = x5[i + j];
      const f32 v12 = x12[i + j];
      const f32 v14 = x14[i + j];
      const f32 v20 = x20[i + j];
      const f32 v2 = v0 * v1;
      const f32 v6 = v4 / v5;
      const f32 v8 = v7 * v5;
      const f32 v10 = v8 * v9;
      const f32 v11 = v6 + v10;
      const f32 v13 = v11 * v12;
      const f32 v15 = v14 * v5;
      const f32 v16 = v15 * v9;
      const f32 v17 = v16 * v12;
      const f32 v18 = v13 + v17;
      const f32 v19 = v2 + v18;
      const f32 v22 = v21 * v19;
      const f32 v23 = v20 - v22;
      y19[i + j] = v19;
      y23[i + j] = v23;
    }
  }
}

CR_EXPORT const struct cr_body CR_NAME(cr_bodies)[] = {
  {"normal",
   "v0 = normal\n"
   "v1 = array float32\n"
   "v2 = mul v0 v1\n"
   "v3 = array float32\n"
   "v4 = add v2 v3\n"
   "result v4\n"
   , normal},
  {"normal-weights",
   "v0 = array float32\n"
   "v1 = softplus v0\n"
   "v2 = normal\n"
   "v3 = mul v1 v2\n"
   "v4 = array float32\n"
   "v5 = add v3 v4\n"
   "result v5\n"
   , normal_weights},
  {"normal-weights-kl",
   "v0 = array float32\n"
   "v1 = softplus v0\n"
   "v2 = mul v1 v1\n"
   "v3 = array float32\n"
   "v4 = mul v3 v3\n"
   "v5 = add v2 v4\n"
   "v6 = number float32\n"
   "v7 = sub v5 v6\n"
   "v8 = number float32\n"
   "v9 = mul v7 v8\n"
   "v10 = log v1\n"
   "v11 = sub v9 v10\n"
   "v12 = normal\n"
   "v13 = mul v1 v12\n"
   "v14 = add v3 v13\n"
   "result v11\n"
   "result v14\n"
   , normal_weights_kl},
  {"normal-variance-kl",
   "v0 = array float32\n"
   "v1 = softplus v0\n"
   "v2 = mul v1 v1\n"
   "v3 = array float32\n"
   "v4 = mul v3 v3\n"
   "v5 = add v2 v4\n"
   "v6 = number float32\n"
   "v7 = sub v5 v6\n"
   "v8 = number float32\n"
   "v9 = mul v7 v8\n"
   "v10 = log v1\n"
   "v11 = sub v9 v10\n"
   "result v11\n"
   "result v2\n"
   , normal_variance_kl},
  {"normal-kl",
   "v0 = array float32\n"
   "v1 = softplus v0\n"
   "v2 = mul v1 v1\n"
   "v3 = array float32\n"
   "v4 = mul v3 v3\n"
   "v5 = add v2 v4\n"
   "v6 = number float32\n"
   "v7 = sub v5 v6\n"
   "v8 = number float32\n"
   "v9 = mul v7 v8\n"
   "v10 = log v1\n"
   "v11 = sub v9 v10\n"
   "result v11\n"
   , normal_kl},
  {"normal-kl-gradients",
   "v0 = array float32\n"
   "v1 = softplus v0\n"
   "v2 = mul v1 v1\n"
   "v3 = array float32\n"
   "v4 = mul v3 v3\n"
   "v5 = add v2 v4\n"
   "v6 = number float32\n"
   "v7 = sub v5 v6\n"
   "v8 = number float32\n"
   "v9 = mul v7 v8\n"
   "v10 = log v1\n"
   "v11 = sub v9 v10\n"
   "v12 = mul v3 v8\n"
   "v13 = number float32\n"
   "v14 = mul v12 v13\n"
   "v15 = number float32\n"
   "v16 = div v15 v1\n"
   "v17 = mul v1 v8\n"
   "v18 = mul v13 v17\n"
   "v19 = add v16 v18\n"
   "v20 = sigmoid v0\n"
   "v21 = mul v19 v20\n"
   "result v11\n"
   "result v14\n"
   "result v21\n"
   , normal_kl_gradients},
  {"dropout",
   "v0 = bits\n"
   "v1 = number int32\n"
   "v2 = ult v0 v1\n"
   "v3 = array float32\n"
   "v4 = number float32\n"
   "v5 = mul v3 v4\n"
   "v6 = number float32\n"
   "v7 = select v2 v5 v6\n"
   "result v7\n"
   , dropout},
  {"dropout-gradient",
   "v0 = bits\n"
   "v1 = number int32\n"
   "v2 = ult v0 v1\n"
   "v3 = array float32\n"
   "v4 = number float32\n"
   "v5 = select v2 v3 v4\n"
   "v6 = number float32\n"
   "v7 = mul v5 v6\n"
   "result v7\n"
   , dropout_gradient},
  {"relu-dropout",
   "v0 = bits\n"
   "v1 = number int32\n"
   "v2 = ult v0 v1\n"
   "v3 = array float32\n"
   "v4 = array float32\n"
   "v5 = add v3 v4\n"
   "v6 = number float32\n"
   "v7 = max v5 v6\n"
   "v8 = number float32\n"
   "v9 = mul v7 v8\n"
   "v10 = select v2 v9 v6\n"
   "result v10\n"
   , relu_dropout},
  {"relu-dropout-gradient",
   "v0 = array float32\n"
   "v1 = array float32\n"
   "v2 = add v0 v1\n"
   "v3 = number float32\n"
   "v4 = max v2 v3\n"
   "v5 = lt v3 v4\n"
   "v6 = bits\n"
   "v7 = number int32\n"
   "v8 = ult v6 v7\n"
   "v9 = array float32\n"
   "v10 = select v8 v9 v3\n"
   "v11 = number float32\n"
   "v12 = mul v10 v11\n"
   "v13 = select v5 v12 v3\n"
   "result v13\n"
   , relu_dropout_gradient},
  {"relu",
   "v0 = array float32\n"
   "v1 = array float32\n"
   "v2 = add v0 v1\n"
   "v3 = number float32\n"
   "v4 = max v2 v3\n"
   "result v4\n"
   , relu},
  {"relu-gradient",
   "v0 = number float32\n"
   "v1 = array float32\n"
   "v2 = lt v0 v1\n"
   "v3 = array float32\n"
   "v4 = select v2 v3 v0\n"
   "result v4\n"
   , relu_gradient},
  {"drawn-outputs",
   "v0 = array float32\n"
   "v1 = array float32\n"
   "v2 = add v0 v1\n"
   "v3 = array float32\n"
   "v4 = array float32\n"
   "v5 = add v3 v4\n"
   "v6 = number float32\n"
   "v7 = add v5 v6\n"
   "v8 = sqrt v7\n"
   "v9 = normal\n"
   "v10 = mul v8 v9\n"
   "v11 = add v2 v10\n"
   "v12 = number float32\n"
   "v13 = max v11 v12\n"
   "v14 = mul v13 v13\n"
   "result v13\n"
   "result v14\n"
   , drawn_outputs},
  {"drawn-outputs-gradients-1",
   "v0 = array float32\n"
   "v1 = number float32\n"
   "v2 = mul v0 v1\n"
   "v3 = array float32\n"
   "v4 = mul v1 v3\n"
   "result v2\n"
   "result v4\n"
   , drawn_outputs_gradients_1},
  {"drawn-outputs-gradients-2",
   "v0 = number float32\n"
   "v1 = array float32\n"
   "v2 = lt v0 v1\n"
   "v3 = array float32\n"
   "v4 = mul v1 v3\n"
   "v5 = number float32\n"
   "v6 = mul v4 v5\n"
   "v7 = array float32\n"
   "v8 = add v6 v7\n"
   "v9 = select v2 v8 v0\n"
   "v10 = normal\n"
   "v11 = mul v9 v10\n"
   "v12 = number float32\n"
   "v13 = mul v11 v12\n"
   "v14 = array float32\n"
   "v15 = array float32\n"
   "v16 = add v14 v15\n"
   "v17 = number float32\n"
   "v18 = add v16 v17\n"
   "v19 = sqrt v18\n"
   "v20 = div v13 v19\n"
   "result v9\n"
   "result v20\n"
   , drawn_outputs_gradients_2},
  {"bernoulli-loss",
   "v0 = array float32\n"
   "v1 = array float32\n"
   "v2 = add v0 v1\n"
   "v3 = softplus v2\n"
   "v4 = array float32\n"
   "v5 = mul v2 v4\n"
   "v6 = sub v3 v5\n"
   "v7 = number float32\n"
   "v8 = mul v4 v7\n"
   "v9 = sigmoid v2\n"
   "v10 = number float32\n"
   "v11 = mul v9 v10\n"
   "v12 = add v8 v11\n"
   "result v6\n"
   "result v12\n"
   , bernoulli_loss},
  {"adam",
   "v0 = array float32\n"
   "v1 = number float32\n"
   "v2 = mul v0 v1\n"
   "v3 = array float32\n"
   "v4 = number float32\n"
   "v5 = mul v3 v4\n"
   "v6 = add v2 v5\n"
   "v7 = array float32\n"
   "v8 = number float32\n"
   "v9 = mul v7 v8\n"
   "v10 = mul v3 v3\n"
   "v11 = number float32\n"
   "v12 = mul v10 v11\n"
   "v13 = add v9 v12\n"
   "v14 = number float32\n"
   "v15 = mul v6 v14\n"
   "v16 = sqrt v13\n"
   "v17 = number float32\n"
   "v18 = mul v16 v17\n"
   "v19 = number float32\n"
   "v20 = add v18 v19\n"
   "v21 = div v15 v20\n"
   "v22 = array float32\n"
   "v23 = sub v22 v21\n"
   "result v6\n"
   "result v13\n"
   "result v23\n"
   , adam},
  {"adam-means",
   "v0 = array float32\n"
   "v1 = number float32\n"
   "v2 = mul v0 v1\n"
   "v3 = array float32\n"
   "v4 = number float32\n"
   "v5 = mul v3 v4\n"
   "v6 = number float32\n"
   "v7 = mul v5 v6\n"
   "v8 = array float32\n"
   "v9 = add v7 v8\n"
   "v10 = number float32\n"
   "v11 = mul v9 v10\n"
   "v12 = add v2 v11\n"
   "v13 = array float32\n"
   "v14 = number float32\n"
   "v15 = mul v13 v14\n"
   "v16 = mul v9 v9\n"
   "v17 = number float32\n"
   "v18 = mul v16 v17\n"
   "v19 = add v15 v18\n"
   "v20 = number float32\n"
   "v21 = mul v12 v20\n"
   "v22 = sqrt v19\n"
   "v23 = number float32\n"
   "v24 = mul v22 v23\n"
   "v25 = number float32\n"
   "v26 = add v24 v25\n"
   "v27 = div v21 v26\n"
   "v28 = sub v3 v27\n"
   "result v12\n"
   "result v19\n"
   "result v28\n"
   , adam_means},
  {"adam-drawn-deviations",
   "v0 = array float32\n"
   "v1 = number float32\n"
   "v2 = mul v0 v1\n"
   "v3 = array float32\n"
   "v4 = softplus v3\n"
   "v5 = number float32\n"
   "v6 = div v5 v4\n"
   "v7 = number float32\n"
   "v8 = mul v4 v7\n"
   "v9 = number float32\n"
   "v10 = mul v8 v9\n"
   "v11 = add v6 v10\n"
   "v12 = sigmoid v3\n"
   "v13 = mul v11 v12\n"
   "v14 = normal\n"
   "v15 = array float32\n"
   "v16 = mul v14 v15\n"
   "v17 = mul v12 v16\n"
   "v18 = add v13 v17\n"
   "v19 = number float32\n"
   "v20 = mul v18 v19\n"
   "v21 = add v2 v20\n"
   "v22 = array float32\n"
   "v23 = number float32\n"
   "v24 = mul v22 v23\n"
   "v25 = mul v18 v18\n"
   "v26 = number float32\n"
   "v27 = mul v25 v26\n"
   "v28 = add v24 v27\n"
   "v29 = number float32\n"
   "v30 = mul v21 v29\n"
   "v31 = sqrt v28\n"
   "v32 = number float32\n"
   "v33 = mul v31 v32\n"
   "v34 = number float32\n"
   "v35 = add v33 v34\n"
   "v36 = div v30 v35\n"
   "v37 = sub v3 v36\n"
   "result v21\n"
   "result v28\n"
   "result v37\n"
   , adam_drawn_deviations},
  {"adam-drawn-normals",
   "v0 = array float32\n"
   "v1 = number float32\n"
   "v2 = mul v0 v1\n"
   "v3 = array float32\n"
   "v4 = number float32\n"
   "v5 = mul v3 v4\n"
   "v6 = number float32\n"
   "v7 = mul v5 v6\n"
   "v8 = array float32\n"
   "v9 = add v7 v8\n"
   "v10 = number float32\n"
   "v11 = mul v9 v10\n"
   "v12 = add v2 v11\n"
   "v13 = array float32\n"
   "v14 = number float32\n"
   "v15 = mul v13 v14\n"
   "v16 = mul v9 v9\n"
   "v17 = number float32\n"
   "v18 = mul v16 v17\n"
   "v19 = add v15 v18\n"
   "v20 = number float32\n"
   "v21 = mul v12 v20\n"
   "v22 = sqrt v19\n"
   "v23 = number float32\n"
   "v24 = mul v22 v23\n"
   "v25 = number float32\n"
   "v26 = add v24 v25\n"
   "v27 = div v21 v26\n"
   "v28 = sub v3 v27\n"
   "v29 = array float32\n"
   "v30 = mul v1 v29\n"
   "v31 = array float32\n"
   "v32 = softplus v31\n"
   "v33 = number float32\n"
   "v34 = div v33 v32\n"
   "v35 = mul v4 v32\n"
   "v36 = mul v6 v35\n"
   "v37 = add v34 v36\n"
   "v38 = sigmoid v31\n"
   "v39 = mul v37 v38\n"
   "v40 = normal\n"
   "v41 = mul v8 v40\n"
   "v42 = mul v38 v41\n"
   "v43 = add v39 v42\n"
   "v44 = mul v10 v43\n"
   "v45 = add v30 v44\n"
   "v46 = array float32\n"
   "v47 = mul v14 v46\n"
   "v48 = mul v43 v43\n"
   "v49 = mul v17 v48\n"
   "v50 = add v47 v49\n"
   "v51 = mul v20 v45\n"
   "v52 = sqrt v50\n"
   "v53 = mul v23 v52\n"
   "v54 = add v25 v53\n"
   "v55 = div v51 v54\n"
   "v56 = sub v31 v55\n"
   "result v12\n"
   "result v19\n"
   "result v28\n"
   "result v45\n"
   "result v50\n"
   "result v56\n"
   , adam_drawn_normals},
  {"adam-deviations",
   "v0 = array float32\n"
   "v1 = number float32\n"
   "v2 = mul v0 v1\n"
   "v3 = array float32\n"
   "v4 = softplus v3\n"
   "v5 = number float32\n"
   "v6 = div v5 v4\n"
   "v7 = number float32\n"
   "v8 = mul v4 v7\n"
   "v9 = number float32\n"
   "v10 = mul v8 v9\n"
   "v11 = add v6 v10\n"
   "v12 = sigmoid v3\n"
   "v13 = mul v11 v12\n"
   "v14 = array float32\n"
   "v15 = mul v4 v14\n"
   "v16 = mul v9 v15\n"
   "v17 = mul v12 v16\n"
   "v18 = add v13 v17\n"
   "v19 = number float32\n"
   "v20 = mul v18 v19\n"
   "v21 = add v2 v20\n"
   "v22 = array float32\n"
   "v23 = number float32\n"
   "v24 = mul v22 v23\n"
   "v25 = mul v18 v18\n"
   "v26 = number float32\n"
   "v27 = mul v25 v26\n"
   "v28 = add v24 v27\n"
   "v29 = number float32\n"
   "v30 = mul v21 v29\n"
   "v31 = sqrt v28\n"
   "v32 = number float32\n"
   "v33 = mul v31 v32\n"
   "v34 = number float32\n"
   "v35 = add v33 v34\n"
   "v36 = div v30 v35\n"
   "v37 = sub v3 v36\n"
   "result v21\n"
   "result v28\n"
   "result v37\n"
   , adam_deviations},
  {"adam-layer",
   "v0 = array float32\n"
   "v1 = softplus v0\n"
   "v2 = mul v1 v1\n"
   "v3 = array float32\n"
   "v4 = mul v3 v3\n"
   "v5 = add v2 v4\n"
   "v6 = number float32\n"
   "v7 = sub v5 v6\n"
   "v8 = number float32\n"
   "v9 = mul v7 v8\n"
   "v10 = log v1\n"
   "v11 = sub v9 v10\n"
   "v12 = array float32\n"
   "v13 = number float32\n"
   "v14 = mul v12 v13\n"
   "v15 = number float32\n"
   "v16 = mul v3 v15\n"
   "v17 = number float32\n"
   "v18 = mul v16 v17\n"
   "v19 = array float32\n"
   "v20 = add v18 v19\n"
   "v21 = number float32\n"
   "v22 = mul v20 v21\n"
   "v23 = add v14 v22\n"
   "v24 = array float32\n"
   "v25 = number float32\n"
   "v26 = mul v24 v25\n"
   "v27 = mul v20 v20\n"
   "v28 = number float32\n"
   "v29 = mul v27 v28\n"
   "v30 = add v26 v29\n"
   "v31 = number float32\n"
   "v32 = mul v23 v31\n"
   "v33 = sqrt v30\n"
   "v34 = number float32\n"
   "v35 = mul v33 v34\n"
   "v36 = number float32\n"
   "v37 = add v35 v36\n"
   "v38 = div v32 v37\n"
   "v39 = sub v3 v38\n"
   "result v11\n"
   "result v2\n"
   "result v23\n"
   "result v30\n"
   "result v39\n"
   , adam_layer},
  {"adam-decay",
   "v0 = array float32\n"
   "v1 = mul v0 v0\n"
   "v2 = array float32\n"
   "v3 = number float32\n"
   "v4 = mul v2 v3\n"
   "v5 = number float32\n"
   "v6 = mul v0 v5\n"
   "v7 = number float32\n"
   "v8 = mul v6 v7\n"
   "v9 = array float32\n"
   "v10 = add v8 v9\n"
   "v11 = number float32\n"
   "v12 = mul v10 v11\n"
   "v13 = add v4 v12\n"
   "v14 = array float32\n"
   "v15 = number float32\n"
   "v16 = mul v14 v15\n"
   "v17 = mul v10 v10\n"
   "v18 = number float32\n"
   "v19 = mul v17 v18\n"
   "v20 = add v16 v19\n"
   "v21 = number float32\n"
   "v22 = mul v13 v21\n"
   "v23 = sqrt v20\n"
   "v24 = number float32\n"
   "v25 = mul v23 v24\n"
   "v26 = number float32\n"
   "v27 = add v25 v26\n"
   "v28 = div v22 v27\n"
   "v29 = sub v0 v28\n"
   "result v1\n"
   "result v13\n"
   "result v20\n"
   "result v29\n"
   , adam_decay},
  {"momentum",
   "v0 = array float32\n"
   "v1 = number float32\n"
   "v2 = mul v0 v1\n"
   "v3 = array float32\n"
   "v4 = add v2 v3\n"
   "v5 = number float32\n"
   "v6 = mul v4 v5\n"
   "v7 = array float32\n"
   "v8 = sub v7 v6\n"
   "result v4\n"
   "result v8\n"
   , momentum},
  {"momentum-means",
   "v0 = array float32\n"
   "v1 = number float32\n"
   "v2 = mul v0 v1\n"
   "v3 = array float32\n"
   "v4 = number float32\n"
   "v5 = mul v3 v4\n"
   "v6 = number float32\n"
   "v7 = mul v5 v6\n"
   "v8 = array float32\n"
   "v9 = add v7 v8\n"
   "v10 = add v2 v9\n"
   "v11 = number float32\n"
   "v12 = mul v10 v11\n"
   "v13 = sub v3 v12\n"
   "result v10\n"
   "result v13\n"
   , momentum_means},
  {"momentum-drawn-deviations",
   "v0 = array float32\n"
   "v1 = number float32\n"
   "v2 = mul v0 v1\n"
   "v3 = array float32\n"
   "v4 = softplus v3\n"
   "v5 = number float32\n"
   "v6 = div v5 v4\n"
   "v7 = number float32\n"
   "v8 = mul v4 v7\n"
   "v9 = number float32\n"
   "v10 = mul v8 v9\n"
   "v11 = add v6 v10\n"
   "v12 = sigmoid v3\n"
   "v13 = mul v11 v12\n"
   "v14 = normal\n"
   "v15 = array float32\n"
   "v16 = mul v14 v15\n"
   "v17 = mul v12 v16\n"
   "v18 = add v13 v17\n"
   "v19 = add v2 v18\n"
   "v20 = number float32\n"
   "v21 = mul v19 v20\n"
   "v22 = sub v3 v21\n"
   "result v19\n"
   "result v22\n"
   , momentum_drawn_deviations},
  {"momentum-drawn-normals",
   "v0 = array float32\n"
   "v1 = number float32\n"
   "v2 = mul v0 v1\n"
   "v3 = array float32\n"
   "v4 = number float32\n"
   "v5 = mul v3 v4\n"
   "v6 = number float32\n"
   "v7 = mul v5 v6\n"
   "v8 = array float32\n"
   "v9 = add v7 v8\n"
   "v10 = add v2 v9\n"
   "v11 = number float32\n"
   "v12 = mul v10 v11\n"
   "v13 = sub v3 v12\n"
   "v14 = array float32\n"
   "v15 = mul v1 v14\n"
   "v16 = array float32\n"
   "v17 = softplus v16\n"
   "v18 = number float32\n"
   "v19 = div v18 v17\n"
   "v20 = mul v4 v17\n"
   "v21 = mul v6 v20\n"
   "v22 = add v19 v21\n"
   "v23 = sigmoid v16\n"
   "v24 = mul v22 v23\n"
   "v25 = normal\n"
   "v26 = mul v8 v25\n"
   "v27 = mul v23 v26\n"
   "v28 = add v24 v27\n"
   "v29 = add v15 v28\n"
   "v30 = mul v11 v29\n"
   "v31 = sub v16 v30\n"
   "result v10\n"
   "result v13\n"
   "result v29\n"
   "result v31\n"
   , momentum_drawn_normals},
  {"momentum-deviations",
   "v0 = array float32\n"
   "v1 = number float32\n"
   "v2 = mul v0 v1\n"
   "v3 = array float32\n"
   "v4 = softplus v3\n"
   "v5 = number float32\n"
   "v6 = div v5 v4\n"
   "v7 = number float32\n"
   "v8 = mul v4 v7\n"
   "v9 = number float32\n"
   "v10 = mul v8 v9\n"
   "v11 = add v6 v10\n"
   "v12 = sigmoid v3\n"
   "v13 = mul v11 v12\n"
   "v14 = array float32\n"
   "v15 = mul v4 v14\n"
   "v16 = mul v9 v15\n"
   "v17 = mul v12 v16\n"
   "v18 = add v13 v17\n"
   "v19 = add v2 v18\n"
   "v20 = number float32\n"
   "v21 = mul v19 v20\n"
   "v22 = sub v3 v21\n"
   "result v19\n"
   "result v22\n"
   , momentum_deviations},
  {"momentum-layer",
   "v0 = array float32\n"
   "v1 = softplus v0\n"
   "v2 = mul v1 v1\n"
   "v3 = array float32\n"
   "v4 = mul v3 v3\n"
   "v5 = add v2 v4\n"
   "v6 = number float32\n"
   "v7 = sub v5 v6\n"
   "v8 = number float32\n"
   "v9 = mul v7 v8\n"
   "v10 = log v1\n"
   "v11 = sub v9 v10\n"
   "v12 = array float32\n"
   "v13 = number float32\n"
   "v14 = mul v12 v13\n"
   "v15 = number float32\n"
   "v16 = mul v3 v15\n"
   "v17 = number float32\n"
   "v18 = mul v16 v17\n"
   "v19 = array float32\n"
   "v20 = add v18 v19\n"
   "v21 = add v14 v20\n"
   "v22 = number float32\n"
   "v23 = mul v21 v22\n"
   "v24 = sub v3 v23\n"
   "result v11\n"
   "result v2\n"
   "result v21\n"
   "result v24\n"
   , momentum_layer},
  {"momentum-decay",
   "v0 = array float32\n"
   "v1 = mul v0 v0\n"
   "v2 = array float32\n"
   "v3 = number float32\n"
   "v4 = mul v2 v3\n"
   "v5 = number float32\n"
   "v6 = mul v0 v5\n"
   "v7 = number float32\n"
   "v8 = mul v6 v7\n"
   "v9 = array float32\n"
   "v10 = add v8 v9\n"
   "v11 = add v4 v10\n"
   "v12 = number float32\n"
   "v13 = mul v11 v12\n"
   "v14 = sub v0 v13\n"
   "result v1\n"
   "result v11\n"
   "result v14\n"
   , momentum_decay},
  {"relu-dropout-layer-near-1",
   "v0 = bits\n"
   "v1 = number int32\n"
   "v2 = ult v0 v1\n"
   "v3 = array float32\n"
   "v4 = array float32\n"
   "v5 = add v3 v4\n"
   "v6 = number float32\n"
   "v7 = max v5 v6\n"
   "v8 = number float32\n"
   "v9 = mul v7 v8\n"
   "v10 = select v2 v9 v6\n"
   "result v2\n"
   "result v10\n"
   , relu_dropout_layer_near_1},
  {"relu-dropout-layer-near-2",
   "v0 = array float32\n"
   "v1 = array float32\n"
   "v2 = add v0 v1\n"
   "v3 = number float32\n"
   "v4 = max v2 v3\n"
   "v5 = lt v3 v4\n"
   "v6 = array bool\n"
   "v7 = array float32\n"
   "v8 = select v6 v7 v3\n"
   "v9 = number float32\n"
   "v10 = mul v8 v9\n"
   "v11 = select v5 v10 v3\n"
   "result v11\n"
   , relu_dropout_layer_near_2},
  {"drawn-outputs-gradients-near-1",
   "v0 = normal\n"
   "v1 = array float32\n"
   "v2 = array float32\n"
   "v3 = add v1 v2\n"
   "v4 = array float32\n"
   "v5 = array float32\n"
   "v6 = add v4 v5\n"
   "v7 = number float32\n"
   "v8 = add v6 v7\n"
   "v9 = sqrt v8\n"
   "v10 = mul v0 v9\n"
   "v11 = add v3 v10\n"
   "v12 = number float32\n"
   "v13 = max v11 v12\n"
   "v14 = mul v13 v13\n"
   "result v0\n"
   "result v13\n"
   "result v14\n"
   , drawn_outputs_gradients_near_1},
  {"drawn-outputs-gradients-near-2",
   "v0 = number float32\n"
   "v1 = array float32\n"
   "v2 = lt v0 v1\n"
   "v3 = array float32\n"
   "v4 = mul v1 v3\n"
   "v5 = number float32\n"
   "v6 = mul v4 v5\n"
   "v7 = array float32\n"
   "v8 = add v6 v7\n"
   "v9 = select v2 v8 v0\n"
   "v10 = array float32\n"
   "v11 = mul v9 v10\n"
   "v12 = number float32\n"
   "v13 = mul v11 v12\n"
   "v14 = array float32\n"
   "v15 = array float32\n"
   "v16 = add v14 v15\n"
   "v17 = number float32\n"
   "v18 = add v16 v17\n"
   "v19 = sqrt v18\n"
   "v20 = div v13 v19\n"
   "result v9\n"
   "result v20\n"
   , drawn_outputs_gradients_near_2},
  {"adam-of-two-near",
   "v0 = array float32\n"
   "v1 = number float32\n"
   "v2 = mul v0 v1\n"
   "v3 = array float32\n"
   "v4 = number float32\n"
   "v5 = mul v3 v4\n"
   "v6 = add v2 v5\n"
   "v7 = array float32\n"
   "v8 = number float32\n"
   "v9 = mul v7 v8\n"
   "v10 = mul v3 v3\n"
   "v11 = number float32\n"
   "v12 = mul v10 v11\n"
   "v13 = add v9 v12\n"
   "v14 = number float32\n"
   "v15 = mul v6 v14\n"
   "v16 = sqrt v13\n"
   "v17 = number float32\n"
   "v18 = mul v16 v17\n"
   "v19 = number float32\n"
   "v20 = add v18 v19\n"
   "v21 = div v15 v20\n"
   "v22 = array float32\n"
   "v23 = sub v22 v21\n"
   "v24 = array float32\n"
   "v25 = mul v1 v24\n"
   "v26 = array float32\n"
   "v27 = mul v4 v26\n"
   "v28 = add v25 v27\n"
   "v29 = array float32\n"
   "v30 = mul v8 v29\n"
   "v31 = mul v26 v26\n"
   "v32 = mul v11 v31\n"
   "v33 = add v30 v32\n"
   "v34 = mul v14 v28\n"
   "v35 = sqrt v33\n"
   "v36 = mul v17 v35\n"
   "v37 = add v19 v36\n"
   "v38 = div v34 v37\n"
   "v39 = array float32\n"
   "v40 = sub v39 v38\n"
   "result v6\n"
   "result v13\n"
   "result v23\n"
   "result v28\n"
   "result v33\n"
   "result v40\n"
   , adam_of_two_near},
  {"adam-of-three-near",
   "v0 = array float32\n"
   "v1 = number float32\n"
   "v2 = mul v0 v1\n"
   "v3 = array float32\n"
   "v4 = number float32\n"
   "v5 = mul v3 v4\n"
   "v6 = add v2 v5\n"
   "v7 = array float32\n"
   "v8 = number float32\n"
   "v9 = mul v7 v8\n"
   "v10 = mul v3 v3\n"
   "v11 = number float32\n"
   "v12 = mul v10 v11\n"
   "v13 = add v9 v12\n"
   "v14 = number float32\n"
   "v15 = mul v6 v14\n"
   "v16 = sqrt v13\n"
   "v17 = number float32\n"
   "v18 = mul v16 v17\n"
   "v19 = number float32\n"
   "v20 = add v18 v19\n"
   "v21 = div v15 v20\n"
   "v22 = array float32\n"
   "v23 = sub v22 v21\n"
   "v24 = array float32\n"
   "v25 = mul v1 v24\n"
   "v26 = array float32\n"
   "v27 = mul v4 v26\n"
   "v28 = add v25 v27\n"
   "v29 = array float32\n"
   "v30 = mul v8 v29\n"
   "v31 = mul v26 v26\n"
   "v32 = mul v11 v31\n"
   "v33 = add v30 v32\n"
   "v34 = mul v14 v28\n"
   "v35 = sqrt v33\n"
   "v36 = mul v17 v35\n"
   "v37 = add v19 v36\n"
   "v38 = div v34 v37\n"
   "v39 = array float32\n"
   "v40 = sub v39 v38\n"
   "v41 = array float32\n"
   "v42 = mul v1 v41\n"
   "v43 = array float32\n"
   "v44 = mul v4 v43\n"
   "v45 = add v42 v44\n"
   "v46 = array float32\n"
   "v47 = mul v8 v46\n"
   "v48 = mul v43 v43\n"
   "v49 = mul v11 v48\n"
   "v50 = add v47 v49\n"
   "v51 = mul v14 v45\n"
   "v52 = sqrt v50\n"
   "v53 = mul v17 v52\n"
   "v54 = add v19 v53\n"
   "v55 = div v51 v54\n"
   "v56 = array float32\n"
   "v57 = sub v56 v55\n"
   "result v6\n"
   "result v13\n"
   "result v23\n"
   "result v28\n"
   "result v33\n"
   "result v40\n"
   "result v45\n"
   "result v50\n"
   "result v57\n"
   , adam_of_three_near},
  {"adam-drawn-layer-near-1",
   "v0 = array float32\n"
   "v1 = softplus v0\n"
   "v2 = mul v1 v1\n"
   "v3 = array float32\n"
   "v4 = mul v3 v3\n"
   "v5 = add v2 v4\n"
   "v6 = number float32\n"
   "v7 = sub v5 v6\n"
   "v8 = number float32\n"
   "v9 = mul v7 v8\n"
   "v10 = log v1\n"
   "v11 = sub v9 v10\n"
   "v12 = normal\n"
   "v13 = mul v1 v12\n"
   "v14 = add v3 v13\n"
   "v15 = sigmoid v0\n"
   "result v11\n"
   "result v1\n"
   "result v12\n"
   "result v14\n"
   "result v15\n"
   , adam_drawn_layer_near_1},
  {"adam-drawn-layer-near-2",
   "v0 = array float32\n"
   "v1 = number float32\n"
   "v2 = mul v0 v1\n"
   "v3 = array float32\n"
   "v4 = number float32\n"
   "v5 = mul v3 v4\n"
   "v6 = number float32\n"
   "v7 = mul v5 v6\n"
   "v8 = array float32\n"
   "v9 = add v7 v8\n"
   "v10 = number float32\n"
   "v11 = mul v9 v10\n"
   "v12 = add v2 v11\n"
   "v13 = array float32\n"
   "v14 = number float32\n"
   "v15 = mul v13 v14\n"
   "v16 = mul v9 v9\n"
   "v17 = number float32\n"
   "v18 = mul v16 v17\n"
   "v19 = add v15 v18\n"
   "v20 = number float32\n"
   "v21 = mul v12 v20\n"
   "v22 = sqrt v19\n"
   "v23 = number float32\n"
   "v24 = mul v22 v23\n"
   "v25 = number float32\n"
   "v26 = add v24 v25\n"
   "v27 = div v21 v26\n"
   "v28 = sub v3 v27\n"
   "v29 = array float32\n"
   "v30 = mul v1 v29\n"
   "v31 = number float32\n"
   "v32 = array float32\n"
   "v33 = div v31 v32\n"
   "v34 = mul v4 v32\n"
   "v35 = mul v6 v34\n"
   "v36 = add v33 v35\n"
   "v37 = array float32\n"
   "v38 = mul v36 v37\n"
   "v39 = array float32\n"
   "v40 = mul v8 v39\n"
   "v41 = mul v37 v40\n"
   "v42 = add v38 v41\n"
   "v43 = mul v10 v42\n"
   "v44 = add v30 v43\n"
   "v45 = array float32\n"
   "v46 = mul v14 v45\n"
   "v47 = mul v42 v42\n"
   "v48 = mul v17 v47\n"
   "v49 = add v46 v48\n"
   "v50 = mul v20 v44\n"
   "v51 = sqrt v49\n"
   "v52 = mul v23 v51\n"
   "v53 = add v25 v52\n"
   "v54 = div v50 v53\n"
   "v55 = array float32\n"
   "v56 = sub v55 v54\n"
   "result v12\n"
   "result v19\n"
   "result v28\n"
   "result v44\n"
   "result v49\n"
   "result v56\n"
   , adam_drawn_layer_near_2},
  {"adam-layer-near-1",
   "v0 = array float32\n"
   "v1 = softplus v0\n"
   "v2 = mul v1 v1\n"
   "v3 = array float32\n"
   "v4 = mul v3 v3\n"
   "v5 = add v2 v4\n"
   "v6 = number float32\n"
   "v7 = sub v5 v6\n"
   "v8 = number float32\n"
   "v9 = mul v7 v8\n"
   "v10 = log v1\n"
   "v11 = sub v9 v10\n"
   "v12 = array float32\n"
   "v13 = number float32\n"
   "v14 = mul v12 v13\n"
   "v15 = number float32\n"
   "v16 = mul v3 v15\n"
   "v17 = number float32\n"
   "v18 = mul v16 v17\n"
   "v19 = array float32\n"
   "v20 = add v18 v19\n"
   "v21 = number float32\n"
   "v22 = mul v20 v21\n"
   "v23 = add v14 v22\n"
   "v24 = array float32\n"
   "v25 = number float32\n"
   "v26 = mul v24 v25\n"
   "v27 = mul v20 v20\n"
   "v28 = number float32\n"
   "v29 = mul v27 v28\n"
   "v30 = add v26 v29\n"
   "v31 = number float32\n"
   "v32 = mul v23 v31\n"
   "v33 = sqrt v30\n"
   "v34 = number float32\n"
   "v35 = mul v33 v34\n"
   "v36 = number float32\n"
   "v37 = add v35 v36\n"
   "v38 = div v32 v37\n"
   "v39 = sub v3 v38\n"
   "v40 = sigmoid v0\n"
   "result v11\n"
   "result v1\n"
   "result v2\n"
   "result v23\n"
   "result v30\n"
   "result v39\n"
   "result v40\n"
   , adam_layer_near_1},
  {"adam-layer-near-2",
   "v0 = array float32\n"
   "v1 = number float32\n"
   "v2 = mul v0 v1\n"
   "v3 = number float32\n"
   "v4 = array float32\n"
   "v5 = div v3 v4\n"
   "v6 = number float32\n"
   "v7 = mul v4 v6\n"
   "v8 = number float32\n"
   "v9 = mul v7 v8\n"
   "v10 = add v5 v9\n"
   "v11 = array float32\n"
   "v12 = mul v10 v11\n"
   "v13 = array float32\n"
   "v14 = mul v4 v13\n"
   "v15 = mul v8 v14\n"
   "v16 = mul v11 v15\n"
   "v17 = add v12 v16\n"
   "v18 = number float32\n"
   "v19 = mul v17 v18\n"
   "v20 = add v2 v19\n"
   "v21 = array float32\n"
   "v22 = number float32\n"
   "v23 = mul v21 v22\n"
   "v24 = mul v17 v17\n"
   "v25 = number float32\n"
   "v26 = mul v24 v25\n"
   "v27 = add v23 v26\n"
   "v28 = number float32\n"
   "v29 = mul v20 v28\n"
   "v30 = sqrt v27\n"
   "v31 = number float32\n"
   "v32 = mul v30 v31\n"
   "v33 = number float32\n"
   "v34 = add v32 v33\n"
   "v35 = div v29 v34\n"
   "v36 = array float32\n"
   "v37 = sub v36 v35\n"
   "result v20\n"
   "result v27\n"
   "result v37\n"
   , adam_layer_near_2},
  {"momentum-of-two-near",
   "v0 = array float32\n"
   "v1 = number float32\n"
   "v2 = mul v0 v1\n"
   "v3 = array float32\n"
   "v4 = add v2 v3\n"
   "v5 = number float32\n"
   "v6 = mul v4 v5\n"
   "v7 = array float32\n"
   "v8 = sub v7 v6\n"
   "v9 = array float32\n"
   "v10 = mul v1 v9\n"
   "v11 = array float32\n"
   "v12 = add v10 v11\n"
   "v13 = mul v5 v12\n"
   "v14 = array float32\n"
   "v15 = sub v14 v13\n"
   "result v4\n"
   "result v8\n"
   "result v12\n"
   "result v15\n"
   , momentum_of_two_near},
  {"momentum-of-three-near",
   "v0 = array float32\n"
   "v1 = number float32\n"
   "v2 = mul v0 v1\n"
   "v3 = array float32\n"
   "v4 = add v2 v3\n"
   "v5 = number float32\n"
   "v6 = mul v4 v5\n"
   "v7 = array float32\n"
   "v8 = sub v7 v6\n"
   "v9 = array float32\n"
   "v10 = mul v1 v9\n"
   "v11 = array float32\n"
   "v12 = add v10 v11\n"
   "v13 = mul v5 v12\n"
   "v14 = array float32\n"
   "v15 = sub v14 v13\n"
   "v16 = array float32\n"
   "v17 = mul v1 v16\n"
   "v18 = array float32\n"
   "v19 = add v17 v18\n"
   "v20 = mul v5 v19\n"
   "v21 = array float32\n"
   "v22 = sub v21 v20\n"
   "result v4\n"
   "result v8\n"
   "result v12\n"
   "result v15\n"
   "result v19\n"
   "result v22\n"
   , momentum_of_three_near},
  {"momentum-drawn-layer-near",
   "v0 = array float32\n"
   "v1 = number float32\n"
   "v2 = mul v0 v1\n"
   "v3 = array float32\n"
   "v4 = number float32\n"
   "v5 = mul v3 v4\n"
   "v6 = number float32\n"
   "v7 = mul v5 v6\n"
   "v8 = array float32\n"
   "v9 = add v7 v8\n"
   "v10 = add v2 v9\n"
   "v11 = number float32\n"
   "v12 = mul v10 v11\n"
   "v13 = sub v3 v12\n"
   "v14 = array float32\n"
   "v15 = mul v1 v14\n"
   "v16 = number float32\n"
   "v17 = array float32\n"
   "v18 = div v16 v17\n"
   "v19 = mul v4 v17\n"
   "v20 = mul v6 v19\n"
   "v21 = add v18 v20\n"
   "v22 = array float32\n"
   "v23 = mul v21 v22\n"
   "v24 = array float32\n"
   "v25 = mul v8 v24\n"
   "v26 = mul v22 v25\n"
   "v27 = add v23 v26\n"
   "v28 = add v15 v27\n"
   "v29 = mul v11 v28\n"
   "v30 = array float32\n"
   "v31 = sub v30 v29\n"
   "result v10\n"
   "result v13\n"
   "result v28\n"
   "result v31\n"
   , momentum_drawn_layer_near},
  {"momentum-layer-near-1",
   "v0 = array float32\n"
   "v1 = softplus v0\n"
   "v2 = mul v1 v1\n"
   "v3 = array float32\n"
   "v4 = mul v3 v3\n"
   "v5 = add v2 v4\n"
   "v6 = number float32\n"
   "v7 = sub v5 v6\n"
   "v8 = number float32\n"
   "v9 = mul v7 v8\n"
   "v10 = log v1\n"
   "v11 = sub v9 v10\n"
   "v12 = array float32\n"
   "v13 = number float32\n"
   "v14 = mul v12 v13\n"
   "v15 = number float32\n"
   "v16 = mul v3 v15\n"
   "v17 = number float32\n"
   "v18 = mul v16 v17\n"
   "v19 = array float32\n"
   "v20 = add v18 v19\n"
   "v21 = add v14 v20\n"
   "v22 = number float32\n"
   "v23 = mul v21 v22\n"
   "v24 = sub v3 v23\n"
   "v25 = sigmoid v0\n"
   "result v11\n"
   "result v1\n"
   "result v2\n"
   "result v21\n"
   "result v24\n"
   "result v25\n"
   , momentum_layer_near_1},
  {"momentum-layer-near-2",
   "v0 = array float32\n"
   "v1 = number float32\n"
   "v2 = mul v0 v1\n"
   "v3 = number float32\n"
   "v4 = array float32\n"
   "v5 = div v3 v4\n"
   "v6 = number float32\n"
   "v7 = mul v4 v6\n"
   "v8 = number float32\n"
   "v9 = mul v7 v8\n"
   "v10 = add v5 v9\n"
   "v11 = array float32\n"
   "v12 = mul v10 v11\n"
   "v13 = array float32\n"
   "v14 = mul v4 v13\n"
   "v15 = mul v8 v14\n"
   "v16 = mul v11 v15\n"
   "v17 = add v12 v16\n"
   "v18 = add v2 v17\n"
   "v19 = number float32\n"
   "v20 = mul v18 v19\n"
   "v21 = array float32\n"
   "v22 = sub v21 v20\n"
   "result v18\n"
   "result v22\n"
   , momentum_layer_near_2},
  {0, 0, 0}
};
