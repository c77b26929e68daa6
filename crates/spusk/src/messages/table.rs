//! Formulas, the loss surface, activations, the diagnosis, many starts.

messages! {
    // Formulas: what is wrong with one.
    formula_column(column, what) {
        en: "column {column}: {what}",
        ru: "позиция {column}: {what}",
    }
    formula_is_empty() { en: "the formula is empty", ru: "формула пуста" }
    formula_too_long(length, most) {
        en: "the formula has {length} characters, at most {most} are read",
        ru: "в формуле знаков: {length}, читается не более {most}",
    }
    formula_too_deep(most) {
        en: "parentheses, signs and powers are nested deeper than {most} levels",
        ru: "скобки, знаки и степени вложены глубже {most} уровней",
    }
    formula_bad_letter(letter) {
        en: "{letter} has no meaning here",
        ru: "знак {letter} здесь не имеет смысла",
    }
    formula_bad_number(number) {
        en: "{number} is no number that can be held (about 1e-300 to 1e300, at most 400 digits)",
        ru: "{number} — не число, которое можно хранить (примерно от 1e-300 до 1e300, до 400 цифр)",
    }
    formula_expected_value(got) {
        en: "expected a number, a name or a parenthesis, got {got}",
        ru: "ожидалось число, имя или скобка, а стоит {got}",
    }
    formula_expected_operator(got) {
        en: "expected an operator (+ - * / ^) or the end, got {got}",
        ru: "ожидался знак действия (+ - * / ^) или конец, а стоит {got}",
    }
    formula_unclosed() {
        en: "this parenthesis is never closed",
        ru: "эта скобка нигде не закрыта",
    }
    formula_the_end() { en: "the end", ru: "конец" }
    formula_unknown_function(name) {
        en: "unknown function {name}; for a product write {name}*(…)",
        ru: "неизвестная функция {name}; произведение пишется {name}*(…)",
    }
    formula_did_you_mean(name, near) {
        en: "unknown function {name}; did you mean {near}?",
        ru: "неизвестная функция {name}; может быть, {near}?",
    }
    formula_needs_parentheses(name) {
        en: "the function {name} needs its argument in parentheses: {name}(x)",
        ru: "функции {name} нужен аргумент в скобках: {name}(x)",
    }
    formula_wrong_count(name, want, got) {
        en: "{name} takes arguments: {want}, got {got}",
        ru: "у функции {name} аргументов: {want}, а дано {got}",
    }
    formula_zero_division() { en: "division by zero", ru: "деление на нуль" }
    formula_too_many_variables(count, most) {
        en: "the formula has {count} variables; at most {most} can be handled",
        ru: "в формуле переменных: {count}; допускается не более {most}",
    }
    formula_too_large(what, most) {
        en: "the {what} would have more than {most} terms and factors; give a shorter formula",
        ru: "{what}: вышло бы больше {most} слагаемых и множителей; дайте формулу короче",
    }
    formula_word() { en: "formula", ru: "формула" }
    gradient_word() { en: "gradient", ru: "градиент" }
    hessian_word() { en: "Hessian", ru: "матрица Гессе" }
    learning_rate() { en: "learning rate", ru: "шаг (скорость обучения)" }

    // Formulas: what was found.
    minimize_formula() { en: "Formula and derivatives", ru: "Формула и производные" }
    minimize_at(point) { en: "at {point}:", ru: "в точке {point}:" }
    minimize_value() { en: "value", ru: "значение" }
    minimize_gradient_is(row) { en: "∇f = ({row})", ru: "градиент ∇f = ({row})" }
    minimize_hessian_row(row) { en: "second derivatives: ({row})", ru: "вторые производные: ({row})" }
    minimize_no_variables(value) {
        en: "The formula has no variable; its value is {value}.",
        ru: "В формуле нет переменных; её значение {value}.",
    }
    minimize_critical() { en: "Critical points", ru: "Критические точки" }
    minimize_exact(count) {
        en: "The derivative is a polynomial; these are all of its real roots ({count}), isolated in exact arithmetic.",
        ru: "Производная — многочлен; здесь все её действительные корни ({count}), отделённые точной арифметикой.",
    }
    minimize_searched(starts, region) {
        en: "Found by Newton's method on the gradient from {starts} starts in {region}; a search cannot prove that there are no others.",
        ru: "Найдено методом Ньютона для градиента из начальных точек ({starts}) в области {region}; поиск не доказывает, что других нет.",
    }
    minimize_cut(most) {
        en: "More than {most} were found; only these are kept.",
        ru: "Найдено больше {most}; остальные не сохранены.",
    }
    minimize_constant() {
        en: "The gradient is 0 everywhere: every point is critical.",
        ru: "Градиент всюду равен 0: критическая каждая точка.",
    }
    minimize_none() { en: "No critical point was found.", ru: "Критических точек не найдено." }
    minimize_least(point, value) {
        en: "The least of these values is {value}, at {point}.",
        ru: "Наименьшее из этих значений {value}, в точке {point}.",
    }
    minimize_greatest(point, value) {
        en: "The greatest of these values is {value}, at {point}.",
        ru: "Наибольшее из этих значений {value}, в точке {point}.",
    }
    kind_minimum() { en: "minimum", ru: "минимум" }
    kind_maximum() { en: "maximum", ru: "максимум" }
    kind_saddle() { en: "saddle", ru: "седло" }
    kind_inflection() { en: "inflection", ru: "точка перегиба" }
    kind_degenerate() { en: "degenerate", ru: "вырожденная" }
    kind_looks_like(kind, looks) {
        en: "{kind} (around it f looks like a {looks})",
        ru: "{kind} (вокруг неё f похожа на: {looks})",
    }
    kind_kink(kind) { en: "{kind} at a kink, without a gradient", ru: "{kind} в изломе, без градиента" }
    kind_end() { en: "end of the interval", ru: "конец отрезка" }
    kind_end_is(kind) { en: "end of the interval, {kind} there", ru: "конец отрезка, там {kind}" }
    column_kind() { en: "kind", ru: "вид" }
    column_at() { en: "at", ru: "точка" }
    column_curvatures() { en: "curvatures", ru: "кривизны" }
    column_optimizer() { en: "optimizer", ru: "метод" }
    column_steps() { en: "steps", ru: "шагов" }
    column_stopped() { en: "stopped", ru: "остановка" }
    column_starts() { en: "starts", ru: "запусков" }
    column_course() { en: "what happens", ru: "что происходит" }
    minimize_descent() { en: "Gradient descent", ru: "Градиентный спуск" }
    minimize_rule(rate, threshold) {
        en: "new = old − {rate}·∇f(old), until |new − old| < {threshold}.",
        ru: "новая = старая − {rate}·∇f(старая), пока |новая − старая| не станет меньше {threshold}.",
    }
    minimize_rate_chosen(rate, curvature) {
        en: "The step {rate} is 1/λ, with λ = {curvature} the largest curvature at the start and at 64 random points.",
        ru: "Шаг {rate} — это 1/λ, где λ = {curvature} — наибольшая кривизна в начале и в 64 случайных точках.",
    }
    minimize_start(point, value) { en: "Start: {point}, value {value}.", ru: "Начало: {point}, значение {value}." }
    minimize_end(steps, point, value) {
        en: "After {steps} steps: {point}, value {value}.",
        ru: "Шагов: {steps}; конец: {point}, значение {value}.",
    }
    stopped_threshold() { en: "threshold", ru: "порог" }
    stopped_max_steps() { en: "all steps taken", ru: "шаги кончились" }
    stopped_diverged() { en: "diverged", ru: "разошлось" }
    verdict_minimum(distance) {
        en: "It stopped at a minimum: Newton's method finds it {distance} away.",
        ru: "Остановка в минимуме: метод Ньютона находит его на расстоянии {distance}.",
    }
    verdict_short(slope) {
        en: "It stopped because the steps became short, not because a minimum is near: the slope is still {slope}.",
        ru: "Остановка, потому что шаги стали короткими, а не потому, что рядом минимум: наклон ещё {slope}.",
    }
    verdict_nearest(point, distance, value) {
        en: "The minimum below is at {point}, {distance} away; the value there is {value}.",
        ru: "Ближайший минимум внизу: {point}, расстояние {distance}, значение там {value}.",
    }
    verdict_saddle(curvature) {
        en: "It stopped on a saddle, not at a minimum: a way down exists (curvature {curvature}).",
        ru: "Остановка в седле, а не в минимуме: путь вниз есть (кривизна {curvature}).",
    }
    verdict_on_the_way(slope) {
        en: "The steps ran out on the way down: the slope is still {slope}. Take more steps or a wider step.",
        ru: "Шаги кончились на пути вниз: наклон ещё {slope}. Нужно больше шагов или шаг шире.",
    }
    verdict_level() {
        en: "The place is level within rounding, but second derivatives do not say whether it is a minimum.",
        ru: "Место ровное с точностью до округления, но вторые производные не говорят, минимум ли это.",
    }
    verdict_diverged() {
        en: "It diverged: it ran off to infinity, or to where the formula is not defined. Take a smaller step.",
        ru: "Спуск разошёлся: ушёл в бесконечность или туда, где формула не определена. Возьмите шаг меньше.",
    }
    minimize_race() { en: "The race of optimizers", ru: "Гонка методов" }
    minimize_race_failed(name, why) { en: "{name} could not run: {why}", ru: "{name} не запустился: {why}" }
    minimize_basins() { en: "Many starts", ru: "Много запусков" }
    minimize_basins_lost(count) {
        en: "Starts that reached no minimum: {count}.",
        ru: "Запусков, не пришедших ни в какой минимум: {count}.",
    }
    minimize_basins_about(count, minima) {
        en: "{count} random starts reached {minima} different minima; descent finds the nearest hollow.",
        ru: "Случайных запусков: {count}, разных минимумов: {minima}; спуск находит ближайшую впадину.",
    }
    minimize_sweep() { en: "The step", ru: "Шаг" }
    minimize_limits(curvature, best, most) {
        en: "The largest curvature at the minimum is λ = {curvature}: near it 1/λ = {best} is the best step, beyond 2/λ = {most} the descent cannot settle there.",
        ru: "Наибольшая кривизна в минимуме λ = {curvature}: вблизи него лучший шаг 1/λ = {best}, а дальше 2/λ = {most} спуск там не успокоится.",
    }
    minimize_no_sweep() {
        en: "No minimum with a curvature above 0 is known, so there are no limits of the step to show.",
        ru: "Минимум с кривизной больше 0 не найден, поэтому пределов шага нет.",
    }
    course_smooth() { en: "arrives, always downward", ru: "доходит, всё время вниз" }
    course_swinging() { en: "arrives, jumping over the minimum", ru: "доходит, перепрыгивая через минимум" }
    course_too_slow() { en: "too small: not there after all steps", ru: "слишком мал: за все шаги не дошёл" }
    course_hovering() { en: "too wide: jumps to and fro", ru: "слишком широк: прыгает туда и обратно" }
    course_diverged() { en: "diverges", ru: "расходится" }
    picture_curve() { en: "The curve and its horizontal tangents", ru: "Кривая и её горизонтальные касательные" }
    picture_contours() { en: "Path over lines of equal height", ru: "Путь по линиям уровня" }
    picture_surface() { en: "Path on the surface", ru: "Путь на поверхности" }
    picture_surface_note() {
        en: "The highest tenth is cut off. The path is drawn over the surface, also where it lies behind.",
        ru: "Самая высокая десятая часть срезана. Путь нарисован поверх поверхности, даже там, где он за ней.",
    }
    picture_basins() { en: "Starts, colored by the minimum reached", ru: "Запуски, цвет — достигнутый минимум" }
    picture_sweep() { en: "Steps needed by step size", ru: "Сколько шагов нужно при разном шаге" }
    picture_descent() { en: "descent", ru: "спуск" }
    minimize_no_start() {
        en: "the formula is defined at none of 1,000 random points; give --start or another --on",
        ru: "формула не определена ни в одной из 1000 случайных точек; задайте --start или другое --on",
    }

    // Why networks are not trained by solving equations.
    analytic_heading() { en: "Why not solve for the minimum?", ru: "Почему не решить уравнение минимума?" }
    analytic_unknowns(unknowns) {
        en: "The school method sets every derivative to 0. This network has {unknowns} unknowns, so {unknowns} equations to solve at once.",
        ru: "Школьный способ приравнивает к нулю каждую производную. Неизвестных у этой сети {unknowns}, значит, и уравнений {unknowns}, и решать их надо вместе.",
    }
    analytic_solutions(degree, unknowns, bound) {
        en: "Even without activations and with squared error they have degree {degree}; Bézout's bound on the number of solutions to compare is {degree} to the power {unknowns}, about {bound}.",
        ru: "Даже без функций активации и с квадратичной ошибкой их степень {degree}; по Безу решений, которые пришлось бы сравнить, до {degree} в степени {unknowns}, то есть около {bound}.",
    }
    analytic_linear() {
        en: "With one layer, no activation and squared error the equations are linear: only then the school method works, as least squares.",
        ru: "С одним слоем, без активации и с квадратичной ошибкой уравнения линейны: только тогда школьный способ работает — как метод наименьших квадратов.",
    }
    analytic_newton(unknowns, memory, operations, time) {
        en: "Newton's method on all {unknowns} unknowns keeps a matrix of {memory} and takes about {operations} operations a step: {time} at 50 GFLOP/s, and finds one solution near its start, perhaps a saddle.",
        ru: "Метод Ньютона по всем неизвестным ({unknowns}) держит матрицу в {memory} и тратит около {operations} действий на шаг: {time} при 50 GFLOP/s, и находит одно решение рядом с началом, может быть, седло.",
    }
    analytic_descent(examples, operations, times) {
        en: "A step of gradient descent on {examples} examples takes {operations} operations, {times} times fewer. So we descend.",
        ru: "Шаг градиентного спуска на {examples} примерах — это {operations} действий, в {times} раз меньше. Поэтому мы спускаемся.",
    }

    // The landscape of a network.
    landscape_weights() { en: "At the trained weights", ru: "В обученных весах" }
    landscape_loss_part(loss, error, rows, total) {
        en: "Mean loss {loss} ± {error} (one standard error: {rows} of the {total} training rows, drawn at random).",
        ru: "Средняя потеря {loss} ± {error} (одна стандартная ошибка: взято строк {rows} из {total} обучающих, случайно).",
    }
    landscape_loss_all(loss, rows) {
        en: "Mean loss {loss} over all {rows} training rows.",
        ru: "Средняя потеря {loss} по всем {rows} обучающим строкам.",
    }
    landscape_mode(parameters) {
        en: "A surface over {parameters} weights; every plane is one cut through it. The loss is that of evaluation: nothing is dropped out, penalties on the weights are left out.",
        ru: "Это поверхность над пространством весов (их {parameters}); каждая плоскость — лишь один её разрез. Потеря берётся как при проверке: без отсева нейронов и без штрафов на веса.",
    }
    landscape_batch_norm(rows) {
        en: "Batch norm measures its statistics anew at every point, on {rows} rows at a time: the stored ones belong to the trained weights only.",
        ru: "Статистики пакетной нормализации измеряются в каждой точке заново, по {rows} строк: сохранённые верны только для обученных весов.",
    }
    plane_random() { en: "Random plane", ru: "Случайная плоскость" }
    plane_random_about() {
        en: "Two Gaussian directions; the part of every unit or filter is scaled to the norm of its weights, biases and parameters of normalization stay (Li et al. 2018). 1 on an axis is a move as long as the weights.",
        ru: "Два гауссовых направления; доля каждого нейрона или фильтра приведена к норме его весов, сдвиги и параметры нормализации не меняются (Li и др., 2018). 1 на оси — сдвиг такой же длины, как сами веса.",
    }
    plane_random_honest() {
        en: "A random plane shows the average curvature: saddles look like bowls in it (Böttcher and Wheeler 2022). The plane of the Hessian shows them.",
        ru: "Случайная плоскость показывает среднюю кривизну: сёдла выглядят в ней чашами (Böttcher и Wheeler, 2022). Их видно в плоскости гессиана.",
    }
    plane_hessian() { en: "Plane of the Hessian", ru: "Плоскость гессиана" }
    plane_hessian_about(largest, smallest) {
        en: "Across: the direction of the largest curvature, {largest}; up: that of the smallest, {smallest}. Axes are distances in the space of the weights.",
        ru: "Вправо — направление наибольшей кривизны, {largest}; вверх — наименьшей, {smallest}. По осям — расстояния в пространстве весов.",
    }
    plane_hessian_reach() {
        en: "It reaches as far as the loss would rise by 1 along the sharpest direction if the curvature stayed the same.",
        ru: "Края там, где потеря выросла бы на 1 вдоль самого крутого направления, если бы кривизна не менялась.",
    }
    plane_path() { en: "Plane of the training's path", ru: "Плоскость пути обучения" }
    plane_path_about(moments, first, second, sum) {
        en: "The two main directions of the way from {moments} kept moments to the trained weights hold {first} + {second} = {sum} of it.",
        ru: "Два главных направления пути (сохранённых моментов: {moments}) к обученным весам содержат {first} + {second} = {sum} пути.",
    }
    plane_path_honest() {
        en: "That proves little: of a random walk in many dimensions two directions hold 76 % too (Antognini and Sohl-Dickstein 2018).",
        ru: "Это мало что доказывает: у случайного блуждания в пространстве многих измерений два направления тоже содержат 76 % (Antognini и Sohl-Dickstein, 2018).",
    }
    plane_path_heights(share) {
        en: "Every moment stands at its true loss; a stalk joins it with the plane. The farthest is {share} of its distance from the end off the plane.",
        ru: "Каждый момент стоит на своей настоящей потере; стебель соединяет его с плоскостью. Самый далёкий отстоит от плоскости на {share} своего расстояния до конца.",
    }
    plane_path_over(moments, least, most) {
        en: "The path of the training ({moments} kept moments) stands over it at its true loss, joined with the plane by stalks. The moments lie off the plane by {least} to {most} of their distances from the end: what is off the plane is not seen in it.",
        ru: "Над ней на своей настоящей потере стоит путь обучения (сохранённых моментов: {moments}), стебли соединяют его с плоскостью. Моменты отстоят от плоскости на {least} … {most} своего расстояния до конца: что вне плоскости, того в ней не видно.",
    }
    plane_path_beyond(count) {
        en: "Moments of the path beyond the edges, which are not drawn: {count}.",
        ru: "Моментов пути за краями (они не нарисованы): {count}.",
    }
    plane_path_missing() {
        en: "No plane of the path: fewer than three moments of the training that lie in a plane were kept (runs of older versions keep none, nor do networks of more than 2 million weights or parts trained apart). Train again to have 20 to 40 of them.",
        ru: "Плоскости пути нет: сохранено меньше трёх моментов обучения, задающих плоскость (их нет в запусках старых версий, у сетей больше 2 миллионов весов и у частей, обученных врозь). Обучите снова — их будет от 20 до 40.",
    }
    plane_time(points, seconds) {
        en: "{points} × {points} points in {seconds}.",
        ru: "Точек: {points} × {points}, время: {seconds}.",
    }
    plane_range(low, high) {
        en: "The loss in the plane goes from {low} to {high}.",
        ru: "Потеря в плоскости — от {low} до {high}.",
    }
    plane_log() {
        en: "Heights are logarithms: any minimum near 0 looks like a pit.",
        ru: "Высоты — логарифмы: любой минимум возле 0 выглядит ямой.",
    }
    plane_note(rows, error) {
        en: "Loss over {rows} rows; standard error at the trained weights {error}.",
        ru: "Потеря по {rows} строкам; стандартная ошибка в обученных весах {error}.",
    }
    axis_random(number) { en: "direction {number}, lengths of the weights", ru: "направление {number}, длины весов" }
    axis_hessian_first(value) { en: "largest curvature ({value})", ru: "наибольшая кривизна ({value})" }
    axis_hessian_second(value) { en: "smallest curvature ({value})", ru: "наименьшая кривизна ({value})" }
    axis_path(number, share) { en: "main direction {number} ({share})", ru: "направление пути {number} ({share})" }
    loss_word() { en: "loss", ru: "потеря" }
    log_loss_word() { en: "log₁₀ of the loss", ru: "log₁₀ потери" }
    trained_weights() { en: "trained weights", ru: "обученные веса" }
    training_path() { en: "path of the training", ru: "путь обучения" }
    column_loss() { en: "loss", ru: "потеря" }
    column_loss_in_plane() { en: "in the plane", ru: "в плоскости" }
    column_off_plane() { en: "off the plane", ru: "вне плоскости" }
    column_after_step() { en: "step", ru: "шаг" }
    picture_landscape_map() { en: "The loss from above", ru: "Потеря сверху" }
    picture_landscape_surface() { en: "The loss as a surface", ru: "Потеря как поверхность" }
    landscape_curvature() { en: "Curvature", ru: "Кривизна" }
    curvature_about(products, seconds) {
        en: "Eigenvalues of the Hessian by Lanczos' method from exact products with it, in {products} products; {seconds} with all below. Second derivatives do not see the kinks of ReLU and its kin.",
        ru: "Собственные значения гессиана методом Ланцоша по точным произведениям с ним; произведений: {products}; время со всем ниже: {seconds}. Изломов ReLU и подобных вторые производные не видят.",
    }
    curvature_sharpness(value, limit, gradient) {
        en: "Sharpness {value}: steps of plain gradient descent beyond 2/λ = {limit} would not settle here. The slope is {gradient}.",
        ru: "Наибольшая кривизна {value}: обычный градиентный спуск с шагом больше 2/λ = {limit} здесь не успокоится. Наклон {gradient}.",
    }
    curvature_loose() {
        en: "Some residuals are not below a thousandth of the largest eigenvalue: these eigenvalues are only known to within their residual.",
        ru: "Невязка некоторых значений не ниже тысячной доли наибольшего: они известны лишь с точностью до невязки.",
    }
    curvature_trace(value, error, probes) {
        en: "Sum of all eigenvalues (trace): {value} ± {error}, from {probes} random vectors.",
        ru: "Сумма всех собственных значений (след): {value} ± {error}, по случайным векторам ({probes}).",
    }
    curvature_shares(negative, flat) {
        en: "By the density, {negative} of the eigenvalues are below −1 % of the largest one and {flat} within ±1 % of it.",
        ru: "По плотности {negative} собственных значений ниже −1 % от наибольшего, а {flat} — в пределах ±1 % от него.",
    }
    column_eigenvalue() { en: "eigenvalue", ru: "собственное значение" }
    column_residual() { en: "residual", ru: "невязка" }
    eigenvalue_largest(number) { en: "largest {number}", ru: "наибольшее {number}" }
    eigenvalue_smallest() { en: "smallest", ru: "наименьшее" }
    column_which() { en: "which", ru: "какое" }
    picture_spectrum() { en: "Density of the Hessian's eigenvalues", ru: "Плотность собственных значений гессиана" }
    axis_eigenvalue() { en: "eigenvalue (curvature)", ru: "собственное значение (кривизна)" }
    axis_density() { en: "density", ru: "плотность" }
    spectrum_note(probes, steps, width) {
        en: "Stochastic Lanczos quadrature, {probes} vectors with {steps} steps; blurred by {width}.",
        ru: "Стохастическая квадратура Ланцоша, векторов: {probes}, шагов: {steps}; размытие {width}.",
    }

    // The way between two networks.
    line_heading() { en: "Between two networks", ru: "Между двумя сетями" }
    line_rows(rows, total, error) {
        en: "Loss over {rows} of the first run's {total} training rows; standard error at the first network {error}. With another seed the second network was trained on another part.",
        ru: "Потеря по {rows} строкам из {total} обучающих первой сети; стандартная ошибка у неё {error}. С другим --seed вторая училась на другой части данных.",
    }
    line_other_scaling() {
        en: "note: the second run encodes its inputs otherwise (another split gives other means and scales), so its loss on the first run's rows is not quite its own; train both with one seed, the second from other weights (--init)",
        ru: "заметьте: вторая сеть кодирует входы иначе (при другом разбиении другие средние и масштабы), поэтому её потеря на строках первой не вполне своя; обучите обе с одним --seed, вторую с других весов (--init)",
    }
    line_matched(moved, units) {
        en: "Hidden neurons have no order of their own, so the second network's were put in the order that makes its weights most like the first one's: {moved} of {units} changed places (Ainsworth et al. 2023). What it computes stays the same.",
        ru: "У скрытых нейронов нет порядка, поэтому нейроны второй сети переставлены так, чтобы её веса были больше всего похожи на веса первой: место сменили {moved} из {units} (Ainsworth и др., 2023). Что она вычисляет, не изменилось.",
    }
    line_not_matched() {
        en: "The neurons were not matched: that is done for dense layers with activations, norms and dropout between them only.",
        ru: "Нейроны не сопоставлены: это делается только для полносвязных слоёв с функциями активации, нормализацией и отсевом между ними.",
    }
    line_barrier(way, barrier) {
        en: "{way}: climbs {barrier} over the mean of its ends.",
        ru: "{way}: подъём {barrier} над средним концов.",
    }
    line_bend_about(steps) {
        en: "The bend of the curve was trained for {steps} small steps (Garipov et al. 2018); longer training may lower it further.",
        ru: "Изгиб кривой обучен за {steps} малых шагов (Garipov и др., 2018); дольше — может быть ещё ниже.",
    }
    line_straight() { en: "straight", ru: "прямая" }
    line_straight_matched() { en: "straight, neurons matched", ru: "прямая, нейроны сопоставлены" }
    line_bend() { en: "curve with one bend", ru: "кривая с одним изгибом" }
    axis_share() { en: "share of the way from the first network to the second", ru: "доля пути от первой сети ко второй" }
    took_time(seconds) { en: "It took {seconds}.", ru: "Заняло {seconds}." }

    // Activations and their race.
    activations_heading() { en: "Activation functions", ru: "Функции активации" }
    activations_about() {
        en: "Each activation of the library with its slope, which is what training descends by.",
        ru: "Каждая функция активации библиотеки и её производная — по ней и идёт обучение.",
    }
    activations_threshold() {
        en: "The threshold has slope 0 everywhere, so training takes that of a line instead: ½ where |x| < 1 (a straight-through gradient).",
        ru: "У порога производная всюду 0, поэтому при обучении берётся производная прямой: ½ там, где |x| < 1 (сквозной градиент).",
    }
    activations_vectors() {
        en: "Softmax and maxout take several numbers: softmax is shown for x beside 0, maxout with two pieces for the weights 1 and −½; training learns its weights.",
        ru: "Softmax и maxout берут несколько чисел: softmax показан для x рядом с 0, maxout из двух частей — для весов 1 и −½; при обучении они подбираются.",
    }
    column_activation() { en: "activation", ru: "активация" }
    column_formula() { en: "formula", ru: "формула" }
    function_word() { en: "function", ru: "функция" }
    derivative_word() { en: "derivative", ru: "производная" }
    race_heading() { en: "The race of activations", ru: "Гонка функций активации" }
    race_about(widths, seeds, epochs, rows) {
        en: "The same network (hidden layers {widths}) with each activation, trained {seeds} times from other first weights and in another order, {epochs} epochs on {rows} rows.",
        ru: "Одна и та же сеть (скрытые слои {widths}) с каждой активацией, обучений: {seeds}, каждое с другими начальными весами и порядком строк; эпох: {epochs}, строк: {rows}.",
    }
    race_rates(validation, test) {
        en: "Each has the best of four learning rates by the loss on {validation} validation rows; the score is of {test} test rows that decided nothing.",
        ru: "У каждой лучший из четырёх шагов по потере на проверочных строках ({validation}); оценка — на тестовых ({test}), которые ничего не решали.",
    }
    column_accuracy() { en: "test accuracy", ru: "точность на тесте" }
    column_test_loss() { en: "test loss", ru: "потеря на тесте" }
    column_interval() { en: "95 % interval of the mean", ru: "95 %-й интервал среднего" }
    race_winner(name) {
        en: "{name} wins: its interval overlaps no other.",
        ru: "Победила {name}: её интервал не пересекается с другими.",
    }
    race_overlap(name, others) {
        en: "{name} came first, but these seeds do not tell it apart from {others}: the intervals overlap. Take more seeds, or any of them.",
        ru: "Первой пришла {name}, но эти запуски не отличают её от {others}: интервалы пересекаются. Возьмите больше запусков (--seeds) или любую из них.",
    }
    race_one_seed(name) {
        en: "{name} came first with one seed, which says nothing about chance; take --seeds 5.",
        ru: "С одним запуском первой пришла {name}, но о случайности это ничего не говорит; возьмите --seeds 5.",
    }
    race_limits() {
        en: "The intervals (Student's t) are those of the seeds on one split of the data: other rows, widths or longer training may bring another order.",
        ru: "Интервалы (по Стьюденту) учитывают только разные запуски при одном разбиении данных: с другими строками, ширинами или более долгим обучением порядок может стать другим.",
    }
    race_maxout() {
        en: "Maxout has two weights where the others have one.",
        ru: "У maxout по два веса там, где у других один.",
    }
    race_note() {
        en: "Small dots: trainings. Large dots: their means. Bars: 95 % intervals of the means.",
        ru: "Малые точки — обучения, большие — средние, полосы — 95 %-е интервалы средних.",
    }
    // Diagnosis: what a rule is about, what it found, what helps.
    doctor_title_not_finite() { en: "a value is not finite", ru: "появилось NaN или бесконечность" }
    doctor_not_finite(place, step, rate) {
        en: "the first value that is not finite was born in {place}, at step {step} with learning rate {rate}",
        ru: "первое число, которое не конечно, родилось здесь: {place}, на шаге {step} при learning_rate {rate}",
    }
    doctor_not_finite_cure(rate) {
        en: "take smaller steps: learning_rate = {rate}; or cut long gradients with clip_norm = 1",
        ru: "шагайте мельче: learning_rate = {rate}; или укоротите длинные градиенты: clip_norm = 1",
    }
    doctor_not_finite_data() {
        en: "the data themselves hold it: correct that row, or leave it out",
        ru: "оно стоит в самих данных: исправьте эту строку или уберите её",
    }
    doctor_title_step_too_wide() { en: "the step is too wide", ru: "шаг слишком широк" }
    doctor_step_too_wide_sharp(ratio, sharpness, limit) {
        en: "the step is about {ratio} times as wide as the valley allows (sharpness {sharpness}, limit {limit}) and the loss does not fall",
        ru: "шаг примерно в {ratio} раза шире, чем позволяет овраг (кривизна {sharpness}, предел {limit}), и потери не падают",
    }
    doctor_step_too_wide(ratio) {
        en: "steps overshoot: half of their curvature is {ratio} times the fall that the gradient promises, above 1 they lead uphill; the loss does not fall",
        ru: "шаги перелетают: половина кривизны вдоль них в {ratio} раза больше обещанного градиентом спуска, а больше 1 — это подъём; потери не падают",
    }
    doctor_step_too_wide_cure(rate) {
        en: "take smaller steps: learning_rate = {rate}",
        ru: "шагайте мельче: learning_rate = {rate}",
    }
    doctor_title_step_too_narrow() { en: "the step is too narrow", ru: "шаг слишком узок" }
    doctor_step_too_narrow(times) {
        en: "the curvature would bear steps about {times} times as wide, and the loss is still high",
        ru: "кривизна выдержала бы шаги примерно в {times} раз шире, а потери ещё велики",
    }
    doctor_step_too_narrow_cure(rate) {
        en: "take wider steps: learning_rate = {rate}",
        ru: "шагайте шире: learning_rate = {rate}",
    }
    doctor_title_small_updates() { en: "a layer barely moves", ru: "слой почти не движется" }
    doctor_small_updates(place, ratio) {
        en: "a step changes the weights of {place} by {ratio} of their size (usual is about 1e-3), and the loss is still high",
        ru: "шаг меняет веса слоя {place} лишь на {ratio} их величины (обычно около 1e-3), а потери ещё велики",
    }
    doctor_small_updates_cure(rate) {
        en: "take wider steps: learning_rate = {rate}; smaller initial weights help, too",
        ru: "шагайте шире: learning_rate = {rate}; помогут и начальные веса поменьше",
    }
    doctor_title_large_updates() { en: "a layer is thrown about", ru: "слой бросает из стороны в сторону" }
    doctor_large_updates(place, ratio) {
        en: "a step changes the weights of {place} by {ratio} of their size (usual is about 0.1%): what was learned is overwritten",
        ru: "шаг меняет веса слоя {place} на {ratio} их величины (обычно около 0,1%): выученное затирается",
    }
    doctor_large_updates_cure(rate) {
        en: "take smaller steps: learning_rate = {rate}",
        ru: "шагайте мельче: learning_rate = {rate}",
    }
    doctor_title_vanishing_gradient() { en: "the gradient vanishes", ru: "градиент затухает" }
    doctor_vanishing_gradient(place, times) {
        en: "on its way to {place} the gradient becomes {times} times weaker than at the output, each beside its weights",
        ru: "по пути к {place} градиент слабеет в {times} раз против выхода, если мерить весами слоёв",
    }
    doctor_vanishing_gradient_cure() {
        en: "use relu in place of sigmoid or tanh, or residual blocks, or layer_norm; fewer layers, if they are not needed",
        ru: "возьмите relu вместо sigmoid и tanh, или residual, или layer_norm; или меньше слоёв, если столько не нужно",
    }
    doctor_title_exploding_signal() { en: "signals explode", ru: "сигналы взрываются" }
    doctor_exploding_signal(place, times) {
        en: "signals or gradients grow {times} times between the first layer and {place}",
        ru: "сигналы или градиенты растут в {times} раз между первым слоем и {place}",
    }
    doctor_exploding_signal_cure() {
        en: "add layer_norm behind the layers of weights, use the usual initial weights (init = auto), or clip_norm = 1",
        ru: "поставьте layer_norm за слоями с весами, возьмите обычные начальные веса (init = auto) или clip_norm = 1",
    }
    doctor_title_dead_relu() { en: "rectifiers are dead", ru: "нейроны с ReLU мертвы" }
    doctor_dead_relu(place, dead, units) {
        en: "{dead} of {units} neurons of {place} are 0 on every example, so they learn no more",
        ru: "нейронов слоя {place}, дающих 0 на любом примере: {dead} из {units}; они больше не учатся",
    }
    doctor_dead_relu_cure() {
        en: "use leaky_relu, lower the learning rate, or begin with the usual weights",
        ru: "возьмите leaky_relu, уменьшите learning_rate или начните с обычных весов",
    }
    doctor_title_saturation() { en: "neurons are saturated", ru: "нейроны насыщены" }
    doctor_saturation(place, share) {
        en: "{share} of what {place} puts out lies in its flat tails, where no gradient passes",
        ru: "в плоских хвостах, где градиент не проходит, лежит {share} того, что даёт слой {place}",
    }
    doctor_saturation_cure() {
        en: "standardize the inputs, begin with smaller weights (init = auto), or use relu",
        ru: "приведите входы к одному масштабу (standardize), начните с меньших весов (init = auto) или возьмите relu",
    }
    doctor_title_clones() { en: "neurons are copies of each other", ru: "нейроны — копии друг друга" }
    doctor_clones(place, share) {
        en: "{share} of the neurons of {place} are copies of others: an equal start, so they can only change alike",
        ru: "в слое {place} копий других нейронов: {share}; при одинаковом начале они могут меняться лишь одинаково",
    }
    doctor_clones_cure() {
        en: "begin with random weights: init = auto",
        ru: "начните со случайных весов: init = auto",
    }
    doctor_title_bad_start() { en: "a bad start", ru: "плохое начало" }
    doctor_bad_start(loss, zero, times) {
        en: "the first loss is {loss}, {times} times that of a network that puts out 0 ({zero}), and the first steps did not mend it: the initial weights or the inputs are too large",
        ru: "первые потери {loss}, в {times} раз больше, чем у сети, которая выдаёт 0 ({zero}), и первые шаги этого не исправили: велики начальные веса или входы",
    }
    doctor_bad_start_cure() {
        en: "begin with the usual weights (init = auto) and standardized inputs",
        ru: "начните с обычных весов (init = auto) и приведите входы к одному масштабу (standardize)",
    }
    doctor_title_unscaled_inputs() { en: "inputs are not scaled", ru: "входы разного масштаба" }
    doctor_unscaled_inputs(place, rms, ratio) {
        en: "input {place} has magnitude {rms}, and the widest input is spread {ratio} times as much as the median one",
        ru: "величина входа {place} — {rms}, а самый размашистый вход разбросан в {ratio} раз сильнее среднего",
    }
    doctor_unscaled_inputs_cure() {
        en: "standardize = true brings every input to mean 0 and standard deviation 1",
        ru: "standardize = true приведёт каждый вход к среднему 0 и отклонению 1",
    }
    doctor_title_noisy_gradient() { en: "noise keeps the loss up", ru: "шум не даёт потерям падать" }
    doctor_noisy_gradient(batch, share) {
        en: "the loss no longer falls, and about {share} of it is what the noise of batches of {batch} adds",
        ru: "потери больше не падают, и около {share} их добавляет шум пачек по {batch}",
    }
    doctor_noisy_gradient_cure(batch) {
        en: "average more examples: batch_size = {batch}, or lower the learning rate",
        ru: "усредняйте больше примеров: batch_size = {batch}, или уменьшите learning_rate",
    }
    doctor_title_wasteful_batch() { en: "the batch is wastefully large", ru: "пачка расточительно велика" }
    doctor_wasteful_batch(batch, scale) {
        en: "batches of {batch} are far above the noise scale of about {scale}: more examples hardly change the gradient",
        ru: "пачки по {batch} намного больше масштаба шума, около {scale}: лишние примеры почти не меняют градиент",
    }
    doctor_wasteful_batch_cure(batch) {
        en: "take more, smaller steps for the same work: batch_size = {batch}",
        ru: "делайте за ту же работу больше мелких шагов: batch_size = {batch}",
    }
    doctor_title_overfitting() { en: "it learns by heart", ru: "сеть заучивает примеры" }
    doctor_overfitting(epoch, more) {
        en: "since epoch {epoch} the validation loss has risen by {more} while the training loss fell",
        ru: "с эпохи {epoch} потери на проверочной части выросли на {more}, а на обучающей падали",
    }
    doctor_overfitting_cure(epoch) {
        en: "stop at epoch {epoch} (early_stopping = true does it), or use dropout, weight_decay or more data",
        ru: "остановитесь на эпохе {epoch} (early_stopping = true), или возьмите dropout, weight_decay или больше данных",
    }
    doctor_overfitting_kept(epoch) {
        en: "the weights of epoch {epoch} are the ones that are kept; fewer epochs, dropout or weight_decay would save the time",
        ru: "хранятся веса эпохи {epoch}; меньше эпох, dropout или weight_decay сберегли бы время",
    }
    doctor_title_stuck() { en: "it is stuck", ru: "обучение застряло" }
    doctor_stuck(share) {
        en: "the loss is {share} of that of a constant prediction and no longer falls: a plateau, or nothing that can be learned",
        ru: "потери — {share} от потерь постоянного ответа и больше не падают: плато, или учить нечего",
    }
    doctor_stuck_saddle(share, way) {
        en: "the loss is {share} of that of a constant prediction, at a saddle: one direction bends down, {way} as much as the steepest bends up",
        ru: "потери — {share} от потерь постоянного ответа, и это седло: одно направление загибается вниз, {way} от самого крутого подъёма",
    }
    doctor_stuck_cure() {
        en: "begin with other random weights (init = auto, another seed), wider steps or another activation; if nothing helps, look at the data",
        ru: "начните с других случайных весов (init = auto, другой seed), с шагов шире или другой активации; не поможет — смотрите на данные",
    }

    // The doctor: what is said around the findings.
    doctor_warning(title, meaning) { en: "warning: {title}: {meaning}", ru: "предупреждение: {title}: {meaning}" }
    doctor_cure(cure) { en: "cure: {cure}", ru: "что делать: {cure}" }
    doctor_examined(run, steps, rows) {
        en: "{run}: its first {steps} steps replayed, {rows} training examples looked at",
        ru: "{run}: первые шаги ({steps}) повторены, просмотрено обучающих примеров: {rows}",
    }
    doctor_no_checkpoint() {
        en: "the run has no checkpoint that fits, so only its start is examined",
        ru: "подходящего снимка у запуска нет, поэтому осмотрено только его начало",
    }
    doctor_healthy() { en: "No rule fires.", ru: "Ни одно правило не сработало." }
    doctor_measured(value, threshold) {
        en: "measured {value}, threshold {threshold}",
        ru: "измерено {value}, порог {threshold}",
    }
    doctor_edge() {
        en: "it hovers at the edge of stability, and the loss falls: normal",
        ru: "она держится у края устойчивости, и потери падают: это нормально",
    }
    doctor_sharpness(step, sharpness, deviation, limit, ratio) {
        en: "sharpness at step {step}: {sharpness} ± {deviation}, limit {limit}, ratio {ratio}",
        ru: "кривизна на шаге {step}: {sharpness} ± {deviation}, предел {limit}, отношение {ratio}",
    }
    doctor_noise(scale, batch) {
        en: "noise scale about {scale} examples, the batch has {batch}",
        ru: "масштаб шума около {scale} примеров, в пачке {batch}",
    }
    doctor_trials(steps) {
        en: "The cures, tested on forks of the run for {steps} steps each:",
        ru: "Лечение, проверенное на ответвлениях запуска, шагов в каждом: {steps}",
    }
    doctor_trial_header() {
        en: "change | from step | training loss | with the cure | validation loss | with the cure",
        ru: "что меняется | с шага | потери на обучающей | с лечением | на проверочной | с лечением",
    }
    doctor_helps() { en: "helps", ru: "помогает" }
    doctor_no_help() { en: "does not help", ru: "не помогает" }
    doctor_trial_failed(why) { en: "could not be tested: {why}", ru: "проверить не удалось: {why}" }
    doctor_diverged() { en: "diverged", ru: "расходится" }

    // Many starts.
    starts_heading() { en: "Many starts", ru: "Много стартов" }
    starts_about(kinds, runs) {
        en: "The experiment of Choromanska and others of the Courant Institute (2015, “The loss surfaces of multilayer networks”): networks of each width ({kinds}), {runs} trainings of each, every one from other random first weights and with its own order of the rows.",
        ru: "Опыт Хоромански и соавторов из Института Куранта (2015, «The loss surfaces of multilayer networks»): сети каждой ширины ({kinds}), обучений каждой: {runs}, у каждого свои случайные начальные веса и свой порядок строк.",
    }
    starts_data(train, test, shape) {
        en: "{train} rows train, {test} rows test; a network sees {shape} numbers of each.",
        ru: "Обучающих строк {train}, тестовых {test}; от каждой сеть видит чисел: {shape}.",
    }
    starts_ours(settings) {
        en: "What the paper leaves open is our choice, not theirs: {settings}. The paper draws first weights “uniformly within the unit cube”.",
        ru: "Чего в статье нет, выбрали мы, а не её авторы: {settings}. В статье начальные веса взяты «равномерно из единичного куба».",
    }
    starts_losses() { en: "Test loss by width", ru: "Потеря на тесте по ширине" }
    starts_kind() { en: "hidden units", ru: "скрытых нейронов" }
    column_parameters() { en: "parameters", ru: "параметров" }
    starts_least() { en: "least", ru: "наименьшая" }
    starts_median() { en: "median", ru: "медиана" }
    starts_largest() { en: "largest", ru: "наибольшая" }
    starts_spread() { en: "quartiles apart", ru: "между квартилями" }
    starts_relative() { en: "of the median", ru: "от медианы" }
    starts_accuracy() { en: "median accuracy", ru: "медиана точности" }
    starts_diverged(named) {
        en: "Trainings that diverged are left out ({named}); a smaller --learning-rate would keep them.",
        ru: "Разошедшиеся обучения не учтены ({named}); с меньшим --learning-rate они бы сошлись.",
    }
    starts_correlation() { en: "Correlation of training and test loss", ru: "Корреляция потерь на обучении и на тесте" }
    starts_correlation_about() {
        en: "Were a deeper minimum of the training loss always better, the two would go together (1); where they do not (0), looking for the global minimum gains nothing on new data.",
        ru: "Если бы более глубокий минимум потери на обучении всегда был лучше, обе потери шли бы вместе (1); где этого нет (0), поиск глобального минимума ничего не даёт на новых данных.",
    }
    starts_correlation_column() { en: "correlation", ru: "корреляция" }
    starts_interval() { en: "95 % interval", ru: "95 %-й интервал" }
    starts_published() { en: "published (MNIST)", ru: "в статье (MNIST)" }
    starts_index() { en: "Index of the Hessian", ru: "Индекс матрицы Гессе" }
    starts_index_about() {
        en: "The share of directions in which the surface of the training loss bends down (eigenvalues below −0.001): 0 at a minimum, about a half at random weights.",
        ru: "Доля направлений, в которых поверхность потери изгибается вниз (собственные числа ниже −0,001): в минимуме 0, при случайных весах около половины.",
    }
    starts_index_negative() { en: "bending down", ru: "вниз" }
    starts_index_zero() { en: "flat (within ±0.001)", ru: "плоских (в пределах ±0,001)" }
    starts_index_smallest() { en: "smallest eigenvalue", ru: "наименьшее собств. число" }
    starts_index_largest() { en: "largest", ru: "наибольшее" }
    starts_index_how() { en: "how (networks)", ru: "как (сетей)" }
    starts_index_counted(networks) {
        en: "counted ({networks})",
        ru: "сосчитано ({networks})",
    }
    starts_index_estimated(networks) {
        en: "estimated ({networks})",
        ru: "оценено ({networks})",
    }
    starts_index_honest(rows) {
        en: "The loss is that of {rows} training rows. Where the matrix is too large to count all eigenvalues, the share is estimated by Lanczos' method from random vectors, ± its standard error; directions with eigenvalues next to −0.001 may fall on either side, and the smallest eigenvalue found is only an upper bound. At kinks of ReLU the derivatives are those of the piece that the weights lie on.",
        ru: "Потеря взята по обучающим строкам ({rows}). Где матрица слишком велика, чтобы сосчитать все собственные числа, доля оценена методом Ланцоша по случайным векторам, ± стандартная ошибка; направления с числами около −0,001 могут попасть по любую сторону, а наименьшее число — лишь оценка сверху. На изломах ReLU производные — от того куска, на котором лежат веса.",
    }
    starts_ecdf() { en: "Share of trainings that ended below a loss", ru: "Доля обучений, пришедших ниже данной потери" }
    starts_share() { en: "share of trainings", ru: "доля обучений" }
    starts_ecdf_note() {
        en: "A steep line: all trainings end alike. Legend: hidden units.",
        ru: "Крутая линия: все обучения кончаются одинаково. Подписи — число скрытых нейронов.",
    }
    starts_box_note() {
        en: "Boxes hold the middle half of the trainings, lines are medians, dots lie farther than 1.5 boxes away.",
        ru: "В ящике — средняя половина обучений, черта — медиана, точки дальше полутора ящиков.",
    }
    starts_scatter() { en: "Training and test loss of every training", ru: "Потери на обучении и на тесте каждого обучения" }
    starts_train_loss() { en: "training loss", ru: "потеря на обучении" }
    starts_correlation_note() {
        en: "Large dots: correlations by hidden units. Bars: 95 % intervals (Fisher).",
        ru: "Большие точки — корреляции по числу скрытых нейронов, полосы — 95 %-е интервалы (Фишер).",
    }
    starts_correlation_note_published() {
        en: "Large dots: ours, with 95 % intervals (Fisher). Small dots: published in 2015, for MNIST.",
        ru: "Большие точки — наши, с 95 %-ми интервалами (Фишер), малые — опубликованные в 2015 году.",
    }
    starts_conclusion() { en: "What was found", ru: "Что найдено" }
    starts_too_few() {
        en: "There are too few trainings to say anything; take --runs 50.",
        ru: "Обучений слишком мало, чтобы что-то сказать; возьмите --runs 50.",
    }
    starts_spread_falls(small, large, from, to, factor, interval) {
        en: "As the lecture says: larger networks end at minima of like quality. From {small} to {large} units the quartiles of the test loss move from {from} to {to} apart, by a factor of {factor} (95 % interval {interval}).",
        ru: "Как и говорит лекция: большие сети приходят к минимумам близкого качества. От {small} к {large} нейронам расстояние между квартилями потери на тесте меняется с {from} до {to}, в {factor} раза (95 %-й интервал {interval}).",
    }
    starts_spread_rises(small, large, from, to, factor, interval) {
        en: "This contradicts the lecture: here the larger networks end farther from each other. From {small} to {large} units the quartiles of the test loss move from {from} to {to} apart, by a factor of {factor} (95 % interval {interval}).",
        ru: "Это противоречит лекции: здесь большие сети расходятся сильнее. От {small} к {large} нейронам расстояние между квартилями потери на тесте меняется с {from} до {to}, в {factor} раза (95 %-й интервал {interval}).",
    }
    starts_spread_unclear(small, large, from, to, factor, interval) {
        en: "These trainings do not decide whether larger networks end closer together: from {small} to {large} units the quartiles of the test loss are {from} and {to} apart, a factor of {factor} whose 95 % interval {interval} holds 1. Take more --runs.",
        ru: "Эти обучения не решают, ближе ли друг к другу приходят большие сети: при {small} и {large} нейронах между квартилями потери на тесте {from} и {to}, отношение {factor}, его 95 %-й интервал {interval} содержит 1. Возьмите больше --runs.",
    }
    starts_relative_falls(from, to) {
        en: "Relative to the median loss the spread falls too, from {from} to {to}.",
        ru: "Относительно медианы разброс тоже падает, с {from} до {to}.",
    }
    starts_relative_rises(from, to) {
        en: "Relative to the median loss, however, the spread rises, from {from} to {to}.",
        ru: "Но относительно медианы разброс растёт, с {from} до {to}.",
    }
    starts_relative_unclear(from, to) {
        en: "Relative to the median loss the spread is {from} and {to}, which chance could do.",
        ru: "Относительно медианы разброс {from} и {to} — это может быть случайностью.",
    }
    starts_best_of_narrow(large, share, small, best) {
        en: "Of the trainings with {large} units, {share} end at least as low as the best of all with {small} units ({best}): a random start of a larger network is as good as a lucky one of a small network.",
        ru: "Из обучений с {large} нейронами не выше лучшего из всех с {small} нейронами ({best}) кончают {share}: столько случайных стартов большой сети не хуже самого удачного старта малой.",
    }
    starts_correlation_falls(from, to) {
        en: "The correlation of training and test loss falls from {from} to {to}: in the larger networks a deeper minimum of the training loss says less about new data, so the global one need not be found.",
        ru: "Корреляция потерь на обучении и на тесте падает с {from} до {to}: у больших сетей более глубокий минимум на обучении меньше говорит о новых данных, и глобальный искать незачем.",
    }
    starts_correlation_rises(from, to) {
        en: "The correlation of training and test loss rises from {from} to {to}, against what was published: here a deeper minimum is worth more in the larger networks.",
        ru: "Корреляция потерь на обучении и на тесте растёт с {from} до {to} — вопреки опубликованному: здесь у больших сетей более глубокий минимум значит больше.",
    }
    starts_correlation_unclear(from, to) {
        en: "The correlations of training and test loss, {from} and {to}, are not told apart by these trainings.",
        ru: "Корреляции потерь на обучении и на тесте, {from} и {to}, эти обучения не различают.",
    }
    starts_close() {
        en: "Close means close in loss, not in weights; one hidden layer and one way of training were tried.",
        ru: "Близость здесь — по потере, а не по весам; испытаны один скрытый слой и один способ обучения.",
    }
    starts_alone(name, runs, median, spread, worst) {
        en: "{name}: {runs} trainings end at a median test loss of {median}; the middle half lies within {spread} of it, the worst is {worst} above the best.",
        ru: "{name}: обучений {runs}, медиана потери на тесте {median}; средняя половина укладывается в {spread} от неё, худшее на {worst} выше лучшего.",
    }
    starts_forecast(runs, time, threads) {
        en: "{runs} trainings will take about {time} on {threads} threads, by a short measurement; the Hessians come on top.",
        ru: "Обучений: {runs}; по короткому замеру это займёт около {time} (потоков: {threads}), матрицы Гессе — сверх того.",
    }
    starts_goes_on(done, all) {
        en: "{done} of {all} trainings are over already; going on.",
        ru: "Готово обучений: {done} из {all}; продолжаю.",
    }
    starts_progress(done, all, time) {
        en: "{done} of {all} trainings, {time}",
        ru: "обучений: {done} из {all}, {time}",
    }
    starts_one_by_one() {
        en: "These networks have layers, or an optimizer, that cannot be computed for many networks at once; they are trained one by one, each on one thread.",
        ru: "Слои этих сетей или способ оптимизации не считаются сразу для многих сетей; сети обучаются по одной, каждая в одном потоке.",
    }

    // The whole report.
    full_training() { en: "Training", ru: "Обучение" }
    full_doctor() { en: "Examination", ru: "Осмотр" }
    full_left_out(what, why) {
        en: "{what} could not be made: {why}",
        ru: "{what} — не получилось: {why}",
    }
    full_landscape() { en: "The loss surface", ru: "Поверхность потери" }
    full_activations() { en: "The activations", ru: "Функции активации" }
}
