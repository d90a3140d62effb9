import { raise, messageOf, notPermitted } from '../errors.ts';
import { configure, configuredValue, findOptions, valueInUse, visibleOptions } from '../catalog/options.ts';
import { procedure, sendRows } from '../procedure.ts';

const columns = 'name nvarchar(35), minimum int, maximum int, config_value int, run_value int';

export const configureProcedures = [
  procedure({
    name: 'sp_configure',
    parameters: '@configname varchar(35) ?, @configvalue int ?',
    async run(context, args) {
      const { instance } = context;
      const name = args.text('@configname');
      const options = name === undefined ? visibleOptions(instance) : findOptions(instance, name);
      const [option] = options;
      if (option === undefined) {
        throw raise(
          15123,
          16,
          1,
          `The configuration option '${name}' does not exist, or it may be an advanced option.`,
          'sp_configure',
        );
      }
      if (name !== undefined && options.length > 1) {
        throw raise(15124, 16, 1, `The configuration option '${name}' is not unique.`, 'sp_configure');
      }
      const value = args.number('@configvalue');
      if (value === undefined || name === undefined) {
        const sorted = options.toSorted((a, b) => a.name.localeCompare(b.name, 'en', { sensitivity: 'base' }));
        await sendRows(
          context,
          columns,
          sorted.map((one) => ({
            name: one.name,
            minimum: one.minimum,
            maximum: one.maximum,
            config_value: configuredValue(instance, one),
            run_value: valueInUse(instance, one),
          })),
        );
        return 0;
      }
      if (!context.permissions.onServer('ALTER SETTINGS')) throw notPermitted('sp_configure');
      if (value < option.minimum || value > option.maximum) {
        throw raise(
          15129,
          16,
          1,
          `'${value}' is not a valid value for configuration option '${option.name}'.`,
          'sp_configure',
        );
      }
      const before = configuredValue(instance, option);
      configure(instance, option, value);
      context.message(
        messageOf(
          15457,
          0,
          1,
          `Configuration option '${option.name}' changed from ${before} to ${value}. Run the RECONFIGURE statement to install.`,
          'sp_configure',
        ),
      );
      return 0;
    },
  }),
];
