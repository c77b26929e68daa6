//! The landscape of a network, the way between two.

messages! {
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
    picture_landscape_map() { en: "the loss from above", ru: "потеря сверху" }
    picture_landscape_surface() { en: "the loss as a surface", ru: "потеря как поверхность" }
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
    line_other_layers(first, second) {
        en: "{first} and {second}: the networks have different layers or inputs, so there is no line between their weights; train both with the same --model on the same data",
        ru: "{first} и {second}: у сетей разные слои или входы, поэтому прямой между их весами нет; обучите обе с одним --model на одних данных",
    }
    line_needs_runs() {
        en: "expected a run, or --line with two runs",
        ru: "ожидался запуск или --line с двумя запусками",
    }
    trajectory_damaged(count) {
        en: "note: {count} damaged files of the trajectory are left out",
        ru: "замечание: повреждённых файлов траектории пропущено: {count}",
    }
}
