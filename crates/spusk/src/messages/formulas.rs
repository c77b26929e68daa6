//! Formulas: what is wrong with one, what was found, why networks are not solved for.

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
    minimize_hessian_row(name, row) {
        en: "second derivatives, row {name}: ({row})",
        ru: "вторые производные, строка {name}: ({row})",
    }
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
    kind_edge() { en: "edge of where f is defined", ru: "край области определения" }
    kind_end_is(end, kind) { en: "{end}, {kind} there", ru: "{end}, там {kind}" }
    kind_line(kind) {
        en: "{kind}, not isolated: a point of a line of critical points",
        ru: "{kind}, не одна: точка целой линии критических точек",
    }
    kind_surface(kind) {
        en: "{kind}, not isolated: a point of a surface of critical points",
        ru: "{kind}, не одна: точка целой поверхности критических точек",
    }
    kind_stretch(kind, low, high) {
        en: "{kind}, not isolated: level (in 64 bits) from {low} to {high}",
        ru: "{kind}, не одна: ровно (в 64 битах) от {low} до {high}",
    }
    minimize_crowded() {
        en: "The slope changes its sign between more than one in eight of neighboring starts: f swings faster than this search can follow, and most points are missing. Give a narrower --on.",
        ru: "Наклон меняет знак больше чем у каждой восьмой пары соседних начальных точек: f колеблется быстрее, чем успевает поиск, и большинства точек здесь нет. Задайте --on уже.",
    }
    minimize_lower(value, point) {
        en: "That is not the least value of f in the region: at {point} it is {value}.",
        ru: "Это не наименьшее значение f в области: в точке {point} оно {value}.",
    }
    minimize_higher(value, point) {
        en: "That is not the greatest value of f in the region: at {point} it is {value}.",
        ru: "Это не наибольшее значение f в области: в точке {point} оно {value}.",
    }
    minimize_pole(point, left, right) {
        en: "f has no bound near {point}: on the left it {left}, on the right it {right}.",
        ru: "Вблизи {point} функция f не ограничена: слева {left}, справа {right}.",
    }
    pole_grows() { en: "grows without end", ru: "растёт без конца" }
    pole_falls() { en: "falls without end", ru: "убывает без конца" }
    pole_undefined() { en: "is not defined", ru: "не определена" }
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
        en: "After {steps}: {point}, value {value}.",
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
    verdict_maximum(curvature) {
        en: "It stopped on a maximum, where the slope is 0: every way leads down (curvature {curvature}). Start elsewhere.",
        ru: "Остановка в максимуме, где наклон 0: все пути ведут вниз (кривизна {curvature}). Начните в другой точке.",
    }
    verdict_inflection() {
        en: "It stopped at an inflection, not at a minimum: level there, lower on one side.",
        ru: "Остановка в точке перегиба, а не в минимуме: там ровно, но с одной стороны ниже.",
    }
    verdict_endless() {
        en: "It went down without end: f falls on and on in that direction, so there is no minimum to reach there; no step helps.",
        ru: "Спуск ушёл вниз без конца: в ту сторону f убывает и дальше, минимума там нет; никакой шаг не поможет.",
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
    critical_points() { en: "critical points", ru: "критические точки" }
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
}
